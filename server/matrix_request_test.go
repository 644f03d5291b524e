package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"

	"linli/approval"
	"linli/bank"
	"linli/store/storetest"
)

// requests builds, per row of the matrix, a request that is well formed and
// fails for no other reason than who sends it. Where being allowed changes
// something, the object is made for the one cell.
var requests = map[string]func(w *matrixWorld, who someone, may bool) asked{
	"alive":      at("/healthz"),
	"ready":      at("/readyz"),
	"contract":   at("/openapi.yaml"),
	"readSystem": at("/v1/system"),
	"docs":       at("/docs"),

	"login":         send("/v1/login", map[string]any{"username": "", "password": "x"}),
	"readCalendar":  at("/v1/calendars/2026"),
	"listNotices":   at("/v1/public/notices"),
	"readNotice":    func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/public/notices/" + w.notice} },
	"listScopes":    at("/v1/scopes"),
	"pageNotices":   at("/"),
	"pageNotice":    func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/notices/" + w.notice} },
	"pageObjection": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/objections/" + w.receipt} },
	"readObjection": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/public/objections/" + w.receipt}
	},
	"bankCalled": func(w *matrixWorld, _ someone, _ bool) asked { return callback(w, bankSecret) },
	"bankCalled/forged": func(w *matrixWorld, _ someone, _ bool) asked {
		return callback(w, "another secret of some length")
	},
	"fileObjection": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/public/notices/" + w.notice + "/objections", body: map[string]any{"text": " "}}
	},
	"pageFileObjection": func(w *matrixWorld, _ someone, _ bool) asked {
		form := url.Values{"text": {" "}, "key": {w.freshKey()}}
		return asked{path: "/notices/" + w.notice + "/objections", body: form.Encode(), media: "application/x-www-form-urlencoded"}
	},

	"logout": func(w *matrixWorld, who someone, may bool) asked {
		if !may {
			return asked{path: "/v1/logout"}
		}
		return asked{path: "/v1/logout", cookie: w.signedIn(who).cookie}
	},
	"me":             at("/v1/me"),
	"changePassword": send("/v1/me/password", map[string]any{"current": "x", "new": "weak"}),
	"readTOTP":       at("/v1/me/totp"),
	"enrolTOTP":      send("/v1/me/totp", map[string]any{"password": ""}),
	"confirmTOTP":    send("/v1/me/totp/confirm", map[string]any{"code": "123456"}),
	"disableTOTP":    send("/v1/me/totp/disable", map[string]any{"password": ""}),
	"listTokens":     at("/v1/tokens?limit=100"),
	"createToken":    send("/v1/tokens", map[string]any{"name": "matrix", "days": 1}),
	"revokeToken":    func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/tokens/" + w.token} },
	"revokeToken/own": func(w *matrixWorld, who someone, may bool) asked {
		if !may {
			return asked{path: "/v1/tokens/" + w.token}
		}
		return asked{path: "/v1/tokens/" + w.newToken(who.person)}
	},
	"readOperation": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/operations/" + w.operation} },
	"readOperation/own": func(w *matrixWorld, who someone, may bool) asked {
		if !may {
			return asked{path: "/v1/operations/" + w.operation}
		}
		return asked{path: "/v1/operations/" + w.newOperation(who.person)}
	},
	"listMessages": at("/v1/messages?limit=100"),

	"listAccounts":       at("/v1/accounts?search=target&limit=100"),
	"createAccount":      func(w *matrixWorld, _ someone, _ bool) asked { return account(w, storetest.Community1) },
	"createAccount/city": func(w *matrixWorld, _ someone, _ bool) asked { return account(w, storetest.City) },
	"setGrants": func(*matrixWorld, someone, bool) asked {
		return asked{path: "/v1/accounts/p_target/grants", body: map[string]any{"grants": []approval.Grant{grant(approval.CommitteeMember, storetest.Community1)}}}
	},
	"setGrants/own": func(_ *matrixWorld, who someone, _ bool) asked {
		grants := []approval.Grant{grant(approval.Administrator, storetest.City)}
		return asked{path: "/v1/accounts/" + who.person.ID + "/grants", body: map[string]any{"grants": grants}}
	},
	"disableAccount": func(w *matrixWorld, _ someone, may bool) asked {
		return asked{path: "/v1/accounts/" + w.victim(may, false) + "/disable", body: map[string]any{"reason": "离职"}}
	},
	"enableAccount": func(w *matrixWorld, _ someone, may bool) asked {
		return asked{path: "/v1/accounts/" + w.victim(may, true) + "/enable"}
	},
	"listContracts": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/cases/" + w.paid + "/contracts"}
	},
	"readContract":      func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: w.agreement + "/document.pdf"} },
	"readSignatures":    func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: w.agreement + "/signatures.json"} },
	"listSignatureKeys": at("/v1/public/signature-keys"),
	"attachScan": func(w *matrixWorld, who someone, may bool) asked {
		scan := w.upload
		if may {
			scan = w.paper(storetest.Community1, "scan")["id"]
		}
		return asked{path: w.agreement + "/scans", body: map[string]any{"attachment": scan}}
	},
	"resetTOTP":         send("/v1/accounts/p_target/totp/disable", map[string]any{"reason": "手机丢失"}),
	"listSubstitutions": at("/v1/substitutions?limit=100"),
	"nameSubstitute": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/substitutions", body: substitution(w, "p_target")}
	},
	"nameSubstitute/own": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/substitutions", body: substitution(w, "")}
	},
	"endSubstitution": func(w *matrixWorld, _ someone, may bool) asked {
		if !may {
			return asked{path: "/v1/substitutions/" + w.substituted}
		}
		return asked{path: "/v1/substitutions/" + w.newSubstitution("p_target", "p_target2")}
	},
	"addScope": func(w *matrixWorld, _ someone, _ bool) asked {
		path := fmt.Sprintf("%s/%012d", storetest.Chezhan, w.fresh())
		return asked{path: "/v1/scopes", body: map[string]any{"path": path, "name_zh": "新社区"}}
	},
	"putCalendar": func(*matrixWorld, someone, bool) asked {
		return asked{path: "/v1/calendars/2026", body: approval.ShippedCalendars()[len(approval.ShippedCalendars())-1]}
	},

	"uploadAttachment":   func(w *matrixWorld, _ someone, _ bool) asked { return paperForm(w) },
	"downloadAttachment": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/attachments/" + w.upload} },
	"listRefusals":       at("/v1/refusals?limit=100"),
	"listArchive":        at("/v1/archive"),
	"readHistory":        func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/cases/" + w.paid + "/history"} },

	"listCharities": at("/v1/charities"),
	"registerCharity": send("/v1/charities", map[string]any{
		"scope": storetest.Community1, "name": "淄博市慈善总会", "credit_code": "513703005045678901", "public_fundraising": true,
	}),
	"listFunds": at("/v1/funds?limit=100"),
	"openFund": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/funds", body: w.newFund(storetest.Community1)}
	},
	"readFund":     ofFund(""),
	"readBalance":  ofFund("/balance"),
	"listEntries":  ofFund("/entries?limit=100"),
	"listIncomes":  ofFund("/incomes?limit=100"),
	"recordIncome": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: w.incomes(), body: newIncome(100)} },
	"reverseIncome": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/incomes/" + w.income + "/reversal", body: map[string]any{"reason": "重复入账"}}
	},
	"listPayees":    at("/v1/payees?limit=100"),
	"readPayee":     func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/payees/" + w.payee} },
	"registerPayee": send("/v1/payees", newPayee(accountNumber)),
	"declareInterest": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/payees/" + w.payee + "/interests", body: map[string]any{"person_id": "p_x.interested", "relation": "spouse"}}
	},
	"declareInterest/own": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/payees/" + w.disputed + "/interests", body: map[string]any{"relation": "other", "note": "邻居"}}
	},
	"exportStatistics":  at("/v1/statistics.xlsx?scope=" + string(storetest.Community1)),
	"readStatistics":    at("/v1/statistics?scope=" + string(storetest.Community1)),
	"readCommunityAge":  at("/v1/communities/370303001901/age"),
	"stateCommunityAge": send("/v1/communities/370303001901/age", map[string]any{"age": "old"}),
	"readCommittee":     at("/v1/committees/370303001901"),
	"setCommittee": send("/v1/committees/370303001901", map[string]any{"version": 0, "members": []map[string]any{
		{"person_id": "p_mem1", "seats": []string{"chair"}, "reserve": false}, {"person_id": "p_mem2", "seats": []string{"resident"}, "reserve": false},
		{"person_id": "p_mem3", "seats": []string{"party"}, "reserve": false},
	}}),

	"openFundUse": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/fund-uses", body: w.proposal()} },
	"previewFundUse": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/fund-uses/preview", body: w.proposal()}
	},
	"listCases":     at("/v1/cases?limit=100"),
	"readCase":      ofCase(""),
	"listSteps":     ofCase("/steps"),
	"listCaseTasks": ofCase("/tasks"),
	"readWaiting":   ofCase("/waiting"),
	"listEvidence":  ofCase("/evidence"),
	"readProposal":  ofCase("/proposal"),
	"listObjections": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/cases/" + w.paid + "/objections"}
	},

	"listBulletins":   at("/v1/public/bulletins"),
	"readBulletin":    ofEngagement("/v1/public/bulletins/", ""),
	"pageCalls":       at("/calls"),
	"pageCall":        at("/calls/c_none"),
	"pageBulletins":   at("/bulletin"),
	"pageBulletin":    ofEngagement("/bulletin/", ""),
	"listEngagements": at("/v1/engagements?limit=100"),
	"readEngagement":  ofEngagement("/v1/engagements/", ""),
	"printHandover":   ofEngagement("/v1/engagements/", "/handover.pdf"),
	"printHandBack":   ofEngagement("/v1/engagements/", "/hand-back.pdf"),

	"printMinutes": ofCase("/minutes.pdf"),
	"printPaymentOrder": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/cases/" + w.paid + "/payment-order.pdf"}
	},
	"printNotice": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/public/notices/" + w.notice + "/poster.pdf"}
	},

	"listTasks":        at("/v1/tasks?limit=100"),
	"listTasks/behalf": at("/v1/tasks?limit=100&on_behalf_of=p_officer"),
	"readTask":         func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/tasks/" + w.charityTask.ID} },
	"readTask/behalf": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/tasks/" + w.charityTask.ID + "?on_behalf_of=p_officer"}
	},
	"act":        func(w *matrixWorld, _ someone, _ bool) asked { return stale(w.charityTask, "") },
	"act/behalf": func(w *matrixWorld, _ someone, _ bool) asked { return stale(w.charityTask, "p_officer") },
	"act/ballot": func(w *matrixWorld, _ someone, _ bool) asked { return stale(w.ballot, "") },

	"addNote": func(w *matrixWorld, _ someone, _ bool) asked {
		return asked{path: "/v1/notices/" + w.notice + "/notes", body: map[string]any{"text": "更正：日期有误。"}}
	},
	"listRules":    at("/v1/rules"),
	"readRules":    at("/v1/rules/370303"),
	"checkRules":   send("/v1/rules/check", map[string]any{"source": "id: x", "tests": ""}),
	"publishRules": func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/rules", body: ruleText(w)} },
}

func at(path string) func(*matrixWorld, someone, bool) asked {
	return func(*matrixWorld, someone, bool) asked { return asked{path: path} }
}

func send(path string, body any) func(*matrixWorld, someone, bool) asked {
	return func(*matrixWorld, someone, bool) asked { return asked{path: path, body: body} }
}

func ofFund(rest string) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/funds/" + w.fund + rest} }
}

func ofCase(rest string) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: "/v1/cases/" + w.charity + rest} }
}

// stale approves a version that is not the task's: only somebody the task is
// for hears so.
func stale(task taskSeen, behalf string) asked {
	body := map[string]any{"action": "approve", "content_hash": "0000000000000000000000000000000000000000000000000000000000000000"}
	if behalf != "" {
		body["on_behalf_of"] = behalf
	}
	return asked{path: "/v1/tasks/" + task.ID + "/acts", body: body}
}

func account(w *matrixWorld, granted approval.Scope) asked {
	body := newAccount(fmt.Sprintf("made%d", w.fresh()))
	body["grants"] = []approval.Grant{grant(approval.Supervisor, granted)}
	return asked{path: "/v1/accounts", body: body}
}

func substitution(w *matrixWorld, absent string) map[string]any {
	body := map[string]any{"substitute": "p_target2", "first_on": w.today(), "last_on": w.today(), "reason": "培训"}
	if absent != "" {
		body["absent"] = absent
	}
	return body
}

// victim is the account of community 1 a cell may change: one of its own if
// it is expected to.
func (w *matrixWorld) victim(may, disabled bool) string {
	if !may {
		return "p_target"
	}
	person := storetest.Person(w.t, w.store, fmt.Sprintf("victim%d", w.fresh()), storetest.Community1)
	if disabled {
		w.sql(`UPDATE accounts SET disabled_at = now(), disabled_by = 'test' WHERE person = $1`, person.ID)
	}
	return person.ID
}

func paperForm(w *matrixWorld) asked {
	body, media := form(w.t, storetest.Community1, "预算.pdf", []byte(pdf))
	return asked{path: "/v1/attachments", body: body, media: media}
}

func ruleText(w *matrixWorld) map[string]string {
	w.t.Helper()
	return map[string]string{"source": sample(w.t, "370303-zhangdian/funduse.yaml"), "tests": sample(w.t, "370303-zhangdian/funduse.tests.yaml")}
}

// callback is a message of the bank, signed with the secret.
func callback(w *matrixWorld, secret string) asked {
	body := []byte(`{"key":"c_1/payment/1","status":"succeeded","bankReference":"2026","settledAt":"2026-03-04T02:00:00Z","amountFen":420000}`)
	a := asked{path: "/v1/bank/callbacks", key: "c_1/payment/1", body: body}
	request, err := http.NewRequest("POST", w.http.URL+a.path, bytes.NewReader(body))
	fatal(w.t, err)
	request.Header.Set(bank.KeyHeader, "c_1/payment/1")
	fatal(w.t, bank.Signer{Secret: []byte(secret), Direction: bank.Callback}.Sign(request, body))
	a.header = map[string]string{bank.SignatureHeader: request.Header.Get(bank.SignatureHeader), bank.KeyHeader: "c_1/payment/1"}
	return a
}

func ofEngagement(before, after string) func(*matrixWorld, someone, bool) asked {
	return func(w *matrixWorld, _ someone, _ bool) asked { return asked{path: before + w.paid + after} }
}
