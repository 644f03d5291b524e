package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"linli/approval"
	"linli/store/storetest"
)

// newOperator is an invented operator as a handler registers it.
func newOperator(scope approval.Scope, code, name string) map[string]any {
	return map[string]any{
		"scope": scope, "name": name, "credit_code": code, "kind": "company", "legal_representative": "李示例",
		"founded_on": "2021-05-01", "contact": "王示例", "phone": "13800001234",
	}
}

// One story: an operator is registered once however many try, its doubtful code
// needs a reason, its owner's spouse sits on the committee and is recused when a
// payee of the operator's name is to be paid.
func TestAnOperatorsPeopleStayOutOfItsMoney(t *testing.T) {
	w := newCaseWorld(t)
	register := func(change map[string]any) answered {
		body := newOperator(storetest.Community1, "91370303QW00000148", "示例银龄餐饮服务有限公司") // the check character is one off
		for key, value := range change {
			body[key] = value
		}
		return w.write(w.handler, "POST", "/v1/operators", body)
	}
	register(map[string]any{"credit_code": "91370303QW0000014I"}).want(t, 422, approval.Invalid)
	register(nil).want(t, 422, approval.Unconfirmed)
	register(map[string]any{"code_reason": "已核对营业执照原件", "phone": "12"}).want(t, 422, approval.Invalid)
	register(map[string]any{"code_reason": "联系人身份证11010519491231002X"}).want(t, 422, approval.Invalid)
	var together sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		together.Go(func() {
			body := newOperator(storetest.Community1, "91370303QW00000148", fmt.Sprintf("示例%c%c家政服务中心", 'A'+rune(i), 'P'+rune(i)))
			body["code_reason"], body["name_reason"] = "已核对营业执照原件", "不同主体"
			statuses[i] = w.ask(asked{method: "POST", path: "/v1/operators", bearer: w.handler, key: fmt.Sprintf("together-%08d", i), body: body}).status
		})
	}
	together.Wait()
	first := 0
	for _, status := range statuses {
		if status == 200 {
			first++
		} else if status != 409 {
			t.Errorf("answered %d", status)
		}
	}
	if first != 1 {
		t.Fatalf("%d operators of one credit code: %v", first, statuses)
	}
	register(map[string]any{"code_reason": "已核对"}).want(t, 409, approval.Conflict)

	operator := w.write(w.handler, "POST", "/v1/operators", newOperator(storetest.Community1, "91370303QW00000222", "示例银龄餐饮服务有限公司")).ID
	register(map[string]any{"credit_code": "91370303QW00000147", "name": "示例银龄餐饮服务公司"}).want(t, 422, approval.Unconfirmed)
	var related struct{ Parties []struct{ ID string } }
	decode(t, w.write(w.handler, "POST", "/v1/operators/"+operator+"/parties", map[string]any{"name": "甲示例", "capacity": "shareholder", "percent": 60}), &related)
	w.write(w.who["mem1"], "POST", "/v1/operators/"+operator+"/ties",
		map[string]any{"party_id": related.Parties[0].ID, "relation": "spouse"}).want(t, 200, "")

	payee := newPayee("622202000000008888")
	payee["name"] = "示例银龄餐饮服务有限公司 "
	paid := w.write(w.handler, "POST", "/v1/payees", payee).ID
	member := func() approval.Member {
		roster, err := w.engine.worker.Committee(t.Context(), storetest.Community1, paid)
		fatal(t, err)
		for _, member := range roster {
			if member.ID == "p_mem1" {
				return member
			}
		}
		t.Fatal("the member is not on the roster")
		return approval.Member{}
	}
	if one := member(); !one.Interested || !strings.Contains(one.Reason, "示例银龄") {
		t.Errorf("the owner's spouse is %+v", one)
	}
	link := map[string]any{"operator_id": operator, "same": false, "reason": "仅同名"}
	w.write(w.handler, "POST", "/v1/payees/"+paid+"/operators", link).want(t, 200, "")
	if one := member(); one.Interested {
		t.Errorf("a namesake recuses: %+v", one)
	}
	link["same"], link["party_id"], link["reason"] = true, related.Parties[0].ID, "收款人即该股东"
	w.write(w.handler, "POST", "/v1/payees/"+paid+"/operators", link).want(t, 200, "")
	end := map[string]any{"ended_on": "2026-03-01", "reason": "股权已转让"}
	w.write(w.handler, "POST", "/v1/operators/"+operator+"/parties/"+related.Parties[0].ID+"/end", end).want(t, 200, "")
	if one := member(); !one.Interested {
		t.Error("an interest that ended this year is forgotten")
	}
	w.write(w.handler, "POST", "/v1/operators/"+operator+"/parties/"+related.Parties[0].ID+"/end", end).want(t, 409, approval.Conflict)

	w.write(w.handler, "POST", "/v1/operators/"+operator+"/ties", map[string]any{"relation": "relative"}).want(t, 200, "")
	proposal := w.proposal()
	proposal["payee_id"] = paid
	w.write(w.handler, "POST", "/v1/fund-uses", proposal).want(t, 403, approval.Interested)
}
