package server_test

import (
	"testing"

	"linli/approval"
	"linli/store/storetest"
)

func TestDisablingEndsEverythingAtOnce(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	wang := w.person("wang", storetest.Community1, grant(approval.Handler, storetest.Community1))
	root, cookie := w.login("root"), w.login("wang")
	var token approval.Token
	decode(t, w.ask(asked{method: "POST", path: "/v1/tokens", cookie: cookie, body: map[string]any{"name": "report", "days": 9}}), &token)

	w.ask(asked{method: "POST", path: "/v1/accounts/" + wang.ID + "/disable", cookie: root, key: "disable-wang", body: map[string]string{"reason": "调离"}}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 401, approval.Unauthenticated)
	w.ask(asked{method: "GET", path: "/v1/me", bearer: token.Secret}).want(t, 401, approval.Unauthenticated)
	w.ask(asked{method: "POST", path: "/v1/login", body: map[string]string{"username": "wang", "password": goodPassword}}).want(t, 401, approval.Unauthenticated)

	w.ask(asked{method: "POST", path: "/v1/accounts/" + wang.ID + "/enable", cookie: root, key: "enable-wang"}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/me", cookie: cookie}).want(t, 401, approval.Unauthenticated)
	w.ask(asked{method: "GET", path: "/v1/me", bearer: token.Secret}).want(t, 401, approval.Unauthenticated)
	w.login("wang")
	w.ask(asked{method: "POST", path: "/v1/accounts/p_root/disable", cookie: root, key: "disable-self", body: map[string]string{"reason": "x"}}).want(t, 403, approval.SamePerson)
}

func TestAnAdministratorStaysInHisScope(t *testing.T) {
	w := newWorld(t)
	w.person("admin.lz", storetest.Linzi, grant(approval.Administrator, storetest.Linzi))
	one := w.person("one.lz", storetest.LinziOne, grant(approval.Handler, storetest.LinziOne), grant(approval.Auditor, storetest.City))
	foreign := w.person("one.zd", storetest.Community1, grant(approval.Handler, storetest.Community1))
	cookie := w.login("admin.lz")
	set := func(key, id string, grants ...approval.Grant) answered {
		return w.ask(asked{method: "PUT", path: "/v1/accounts/" + id + "/grants", cookie: cookie, key: key, body: map[string]any{"grants": grants}})
	}
	for name, test := range map[string]struct {
		answer answered
		status int
		code   approval.Code
	}{
		"a role above":            {set("grant-above", one.ID, grant(approval.Auditor, storetest.City), grant(approval.Cashier, storetest.City)), 403, approval.Forbidden},
		"a role next door":        {set("grant-next-door", one.ID, grant(approval.Handler, storetest.Zhangdian)), 403, approval.Forbidden},
		"a sibling by prefix":     {set("grant-prefix", one.ID, grant(approval.Handler, "370300/3703059")), 403, approval.Forbidden},
		"to himself":              {set("grant-self", "p_admin.lz", grant(approval.Cashier, storetest.Linzi)), 403, approval.SamePerson},
		"somebody else's account": {set("grant-foreign", foreign.ID, grant(approval.Handler, storetest.LinziOne)), 404, approval.NotFound},
	} {
		t.Run(name, func(t *testing.T) { test.answer.want(t, test.status, test.code) })
	}
	t.Run("within", func(t *testing.T) {
		answer := set("grant-within", one.ID, grant(approval.Secretary, storetest.LinziOne))
		answer.want(t, 200, "")
		var account approval.Account
		decode(t, answer, &account)
		got := approval.Person{ID: account.ID, Grants: account.Grants}
		if !got.Holds(approval.Secretary, storetest.LinziOne) || got.Holds(approval.Handler, storetest.LinziOne) || !got.Holds(approval.Auditor, storetest.City) {
			t.Errorf("grants %v: want the secretary in, the handler out, the city's auditor untouched", account.Grants)
		}
	})
	t.Run("accounts elsewhere", func(t *testing.T) {
		w.ask(asked{method: "POST", path: "/v1/accounts", cookie: cookie, key: "create-foreign", body: newAccount("foreigner")}).want(t, 403, approval.Forbidden)
		w.ask(asked{method: "POST", path: "/v1/accounts/" + foreign.ID + "/disable", cookie: cookie, key: "disable-foreign", body: map[string]string{"reason": "x"}}).want(t, 404, approval.NotFound)
		for _, item := range w.ask(asked{method: "GET", path: "/v1/accounts", cookie: cookie}).Items {
			if item.Username == "one.zd" {
				t.Error("another district's account is listed")
			}
		}
	})
	t.Run("scopes and calendar", func(t *testing.T) {
		add := func(key, path string) answered {
			return w.ask(asked{method: "POST", path: "/v1/scopes", cookie: cookie, key: key, body: map[string]string{"path": path, "name_zh": "示范二社区"}})
		}
		add("scope-within", string(storetest.Wenshao)+"/370305001902").want(t, 200, "")
		add("scope-foreign", string(storetest.Chezhan)+"/370303001903").want(t, 403, approval.Forbidden)
		add("scope-again", string(storetest.LinziOne)).want(t, 409, approval.Conflict)
		add("scope-orphan", string(storetest.Linzi)+"/370305999/370305999901").want(t, 422, approval.Invalid)
		w.ask(asked{method: "PUT", path: "/v1/calendars/2027", cookie: cookie, key: "calendar-2027",
			body: approval.CalendarYear{Year: 2027, Source: "x", Off: []string{}, Work: []string{}}}).want(t, 403, approval.Forbidden)
	})
}

func TestCalendar(t *testing.T) {
	w := newWorld(t)
	w.person("root", storetest.City, grant(approval.Administrator, storetest.City))
	cookie := w.login("root")
	for path, status := range map[string]int{"2025": 200, "2026": 200, "2027": 404, "1999": 422, "x": 422} {
		if got := w.ask(asked{method: "GET", path: "/v1/calendars/" + path}); got.status != status {
			t.Errorf("calendar %s: %d, want %d: %s", path, got.status, status, got.raw)
		}
	}
	put := func(key string, year approval.CalendarYear) answered {
		return w.ask(asked{method: "PUT", path: "/v1/calendars/2027", cookie: cookie, key: key, body: year})
	}
	off := []string{"2027-01-01"}
	put("calendar-wrong-year", approval.CalendarYear{Year: 2028, Source: "x", Off: []string{}, Work: []string{}}).want(t, 422, approval.Invalid)
	put("calendar-both", approval.CalendarYear{Year: 2027, Source: "x", Off: off, Work: off}).want(t, 422, approval.Invalid)
	put("calendar-good", approval.CalendarYear{Year: 2027, Source: "https://www.gov.cn/", Off: off, Work: []string{}}).want(t, 200, "")
	w.ask(asked{method: "GET", path: "/v1/calendars/2027"}).want(t, 200, "")
}

func TestSubstitution(t *testing.T) {
	w := newWorld(t)
	absent := w.person("absent", storetest.Community1, grant(approval.Secretary, storetest.Community1), grant(approval.SubdistrictApprover, storetest.Chezhan))
	stand := w.person("stand", storetest.Community2, grant(approval.Handler, storetest.Community2))
	foreign := w.person("foreign", storetest.LinziOne)
	cookie := w.login("absent")
	name := func(key, substitute, first, last string) answered {
		return w.ask(asked{method: "POST", path: "/v1/substitutions", cookie: cookie, key: key,
			body: map[string]string{"substitute": substitute, "first_on": first, "last_on": last, "reason": "出差"}})
	}
	name("sub-self", absent.ID, "2026-03-05", "2026-03-06").want(t, 403, approval.SamePerson)
	name("sub-nobody", "p_nobody", "2026-03-05", "2026-03-06").want(t, 404, approval.NotFound)
	name("sub-foreign", foreign.ID, "2026-03-05", "2026-03-06").want(t, 404, approval.NotFound)
	name("sub-reversed", stand.ID, "2026-03-06", "2026-03-05").want(t, 422, approval.Invalid)
	name("sub-past", stand.ID, "2026-02-01", "2026-03-03").want(t, 422, approval.Invalid)
	name("sub-long", stand.ID, "2026-03-05", "2027-03-05").want(t, 422, approval.Invalid)
	w.ask(asked{method: "POST", path: "/v1/substitutions", cookie: w.login("stand"), key: "sub-usurp",
		body: map[string]string{"absent": absent.ID, "substitute": stand.ID, "first_on": "2026-03-05", "last_on": "2026-03-06", "reason": "x"}}).want(t, 404, approval.NotFound)

	made := name("sub-good", stand.ID, "2026-03-05", "2026-03-06")
	made.want(t, 200, "")
	acting := func() (approval.Person, approval.Code) {
		person, err := w.store.StandIn(t.Context(), approval.Person{ID: stand.ID}, absent.ID, w.now())
		return person, approval.CodeOf(err)
	}
	_, before := acting()
	w.pass(14 * 60 * 60e9) // midnight in Shanghai: the first day begins
	person, during := acting()
	if before != approval.NotEligible || during != "" {
		t.Errorf("standing in: %q before the first day, %q on it", before, during)
	}
	if person.For != absent.ID || person.ID != stand.ID || !person.Holds(approval.SubdistrictApprover, storetest.Community2) || person.Holds(approval.Handler, storetest.Community2) {
		t.Errorf("acts as %+v: want the absent person's grants and no others", person)
	}
	if _, code := func() (approval.Person, approval.Code) {
		person, err := w.store.StandIn(t.Context(), approval.Person{ID: absent.ID}, stand.ID, w.now())
		return person, approval.CodeOf(err)
	}(); code != approval.NotEligible {
		t.Errorf("the absent person stands in for his substitute: %q", code)
	}
	w.ask(asked{method: "DELETE", path: "/v1/substitutions/" + made.ID, cookie: w.login("stand"), key: "sub-end-by-other"}).want(t, 403, approval.Forbidden)
	w.ask(asked{method: "DELETE", path: "/v1/substitutions/" + made.ID, cookie: w.login("absent"), key: "sub-end-early"}).want(t, 200, "")
	if _, after := acting(); after != approval.NotEligible {
		t.Errorf("after its end: %q", after)
	}
}
