// Package storetest gives tests the store on a real PostgreSQL: a fresh,
// migrated database per test, opened as the two roles a deployment uses, with
// a small piece of Zibo's scope tree in it. Nothing is mocked and row security
// is on.
package storetest

import (
	"context"
	"testing"
	"time"

	"linli/approval"
	"linli/store"
)

// Now is when tests take place: a Wednesday morning in Zibo.
var Now = time.Date(2026, 3, 4, 10, 0, 0, 0, approval.Shanghai)

// The scopes every test database has.
const (
	City       approval.Scope = "370300"
	Zhangdian  approval.Scope = "370300/370303"
	Linzi      approval.Scope = "370300/370305"
	Chezhan    approval.Scope = "370300/370303/370303001"
	Wenshao    approval.Scope = "370300/370305/370305001"
	Community1 approval.Scope = "370300/370303/370303001/370303001901"
	Community2 approval.Scope = "370300/370303/370303001/370303001902"
	LinziOne   approval.Scope = "370300/370305/370305001/370305001901"
)

var divisions = []approval.Division{
	{Path: City, NameZH: "淄博市", NameEN: "Zibo"},
	{Path: Zhangdian, NameZH: "张店区", NameEN: "Zhangdian"},
	{Path: Linzi, NameZH: "临淄区", NameEN: "Linzi"},
	{Path: Chezhan, NameZH: "车站街道", NameEN: "Chezhan"},
	{Path: Wenshao, NameZH: "闻韶街道", NameEN: "Wenshao"},
	{Path: Community1, NameZH: "示范一社区", NameEN: "Model Community 1"},
	{Path: Community2, NameZH: "示范二社区", NameEN: "Model Community 2"},
	{Path: LinziOne, NameZH: "临淄示范一社区", NameEN: "Linzi Model Community 1"},
}

// Root is the administrator of the whole city that sets tests up.
var Root = approval.Person{ID: "linli", Grants: []approval.Grant{{Role: approval.Administrator, Scope: City}}}

// Open returns the store as the server and as the workers open it; both close
// with the test.
func Open(t testing.TB) (api, worker *store.Store) {
	t.Helper()
	api, worker, _ = OpenDSN(t)
	return api, worker
}

// OpenDSN also gives the addresses, for tests that speak SQL themselves.
func OpenDSN(t testing.TB) (api, worker *store.Store, address Address) {
	t.Helper()
	address = Database(t)
	return open(t, address.API), open(t, address.Worker), address
}

// Person creates an account and returns the person with its grants.
func Person(t testing.TB, s *store.Store, username string, home approval.Scope, grants ...approval.Grant) approval.Person {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	account, err := s.CreateAccount(store.WithPerson(ctx, Root),
		approval.NewAccount{ID: "p_" + username, Username: username, Name: username, Scope: home, Grants: grants}, "-", Root.ID, Now)
	if err != nil {
		t.Fatalf("creating %s: %v", username, err)
	}
	return approval.Person{ID: account.ID, Grants: account.Grants}
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := store.Open(ctx, dsn)
	if err != nil {
		t.Fatalf("opening the test database: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}
