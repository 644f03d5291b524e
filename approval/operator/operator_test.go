package operator_test

import (
	"strings"
	"testing"
	"time"

	"linli/approval"
	. "linli/approval/approvaltest"
	. "linli/approval/operator"
)

const community approval.Scope = "370300/370303/370303001/370303001901"

func on(date string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, date, approval.Shanghai)
	if err != nil {
		panic(err)
	}
	return day
}

func sound() Details {
	return Details{
		Name: "示例餐饮服务部", CreditCode: "92370303QW0000129A", Kind: SoleTrader, LegalRepresentative: "示例负责人",
		FoundedOn: "1998-01-05", Contact: "示例联系人", Phone: "13853312345",
	}
}

func TestDetailsOfAnOperator(t *testing.T) {
	for _, each := range []struct {
		what  string
		spoil func(*Details)
		code  approval.Code
		field string
	}{
		{"a sound one, founded before 2000", func(*Details) {}, "", ""},
		{"a code of 17 characters", func(d *Details) { d.CreditCode = "92370303QW0000129" }, approval.Invalid, "credit_code"},
		{"a code with an I", func(d *Details) { d.CreditCode = "92370303QI0000129A" }, approval.Invalid, "credit_code"},
		{"a slip in the code", func(d *Details) { d.CreditCode = "92370303QW0000129B" }, approval.Unconfirmed, "code_reason"},
		{"a genuine older code that fails its check", func(d *Details) {
			d.Kind, d.CreditCode, d.CodeReason = Company, "91350203M0001QKT19", "已核对营业执照原件"
		}, "", ""},
		{"a firm's code for a sole trader", func(d *Details) { d.CreditCode = "91370303QW00000147" }, approval.Unconfirmed, "code_reason"},
		{"a reason of spaces", func(d *Details) { d.CreditCode, d.CodeReason = "92370303QW0000129B", " " }, approval.Unconfirmed, "code_reason"},
		{"an unknown form", func(d *Details) { d.Kind = "club" }, approval.Invalid, "kind"},
		{"no name", func(d *Details) { d.Name = " " }, approval.Invalid, "name"},
		{"nobody responsible", func(d *Details) { d.LegalRepresentative = "" }, approval.Invalid, "legal_representative"},
		{"an identity card among the words", func(d *Details) { d.Address = "证件110101199003078515" }, approval.Invalid, "address"},
		{"a phone that is none", func(d *Details) { d.Phone = "电话" }, approval.Invalid, "phone"},
		{"founded tomorrow", func(d *Details) { d.FoundedOn = "2026-03-05" }, approval.Invalid, "founded_on"},
		{"founded on no day", func(d *Details) { d.FoundedOn = "2026-02-30" }, approval.Invalid, "founded_on"},
	} {
		details := sound()
		each.spoil(&details)
		Refuses(t, each.what, details.Validate(on("2026-03-04")), each.code, each.field)
	}
	Refuses(t, "an unexplained correction", Change{Details: sound(), Version: 1}.Validate(on("2026-03-04")), approval.Invalid, "reason")
	Refuses(t, "an explained one", Change{Details: sound(), Version: 1, Reason: "地址变更"}.Validate(on("2026-03-04")), "", "")
}

func TestNamesThatMayBeOneOperators(t *testing.T) {
	for _, each := range []struct {
		one, other string
		similar    bool
	}{
		{"淄博示例银龄餐饮服务有限公司", "示例银龄餐饮服务公司", true},
		{"示例银龄餐饮服务部", "示例银玲餐饮服务部", true},               // a slip
		{"示例银龄餐饮服务部", "示例银龄餐饮服务部（张店区）", true},          // a place
		{"示例家政", "示例家电", true},                         // four characters, one slip
		{"甲店", "乙店", false},                            // too short to be a slip
		{"示例银龄餐饮服务部", "示例童趣托育园", false},                // two operators
		{"有限公司", "公司", false},                          // nothing but forms
		{"张店区", "张店区", true},                           // the very same
		{"示例阳光助老服务中心", "示例阳光助老服务中心分公司", true},          // a branch
		{"示例一号便民服务站", "示例二号便民服务店", false},              // two slips
		{"EXAMPLE Services", "example services", true}, // capitals
	} {
		if Similar(each.one, each.other) != each.similar || Similar(each.other, each.one) != each.similar {
			t.Errorf("%s and %s: want %v both ways", each.one, each.other, each.similar)
		}
	}
}

func TestDoublesAreAskedAboutOrRefused(t *testing.T) {
	known := []Named{{"op-1", "示例餐饮服务中心部", "92370303QW00000999"}, {"op-2", "示例银龄照料中心", "52370303QW00000888"}}
	details := sound()
	details.Name = "示例餐饮服务中心"
	Refuses(t, "a like name", details.ConfirmName(known), approval.Unconfirmed, "name_reason")
	if err := details.ConfirmName(known); !strings.Contains(err.Error(), "示例餐饮服务中心部") || strings.Contains(err.Error(), "银龄") {
		t.Errorf("names %v", err)
	}
	details.NameReason = "不同主体"
	Refuses(t, "a like name, explained", details.ConfirmName(known), "", "")
	Refuses(t, "another code", details.Twice(known), "", "")
	Refuses(t, "a code used already", details.Twice(append(known, Named{"op-3", "示例甲", details.CreditCode})), approval.Conflict, "credit_code")
}

func holder(role approval.Role, scope approval.Scope) approval.Person {
	return approval.Person{ID: "p", Grants: []approval.Grant{{Role: role, Scope: scope}}}
}

func TestWhoKeepsTheRegister(t *testing.T) {
	registered := Operator{Details: sound(), Scope: community}
	neighbour, elsewhere := approval.Scope("370300/370303/370303002"), approval.Scope("370300/370305/370305001")
	for _, each := range []struct {
		by           approval.Person
		change, link bool
	}{
		{holder(approval.Handler, community), true, false},
		{holder(approval.Handler, neighbour), true, false}, // of the same district
		{holder(approval.Handler, elsewhere), false, false},
		{holder(approval.Secretary, community), false, true},
		{holder(approval.Administrator, "370300"), true, true},
		{holder(approval.CharityOfficer, "370300"), false, false},
		{approval.Person{ID: "owner"}, false, false},
	} {
		if err := registered.MayChange(each.by); (err == nil) != each.change {
			t.Errorf("%+v changes it: %v", each.by.Grants, err)
		}
		if err := registered.MayLink(each.by); (err == nil) != each.link {
			t.Errorf("%+v links: %v", each.by.Grants, err)
		}
	}
	if phone := registered.Seen(approval.Person{ID: "x"}, false).Phone; phone == sound().Phone || phone == "" {
		t.Errorf("a stranger reads the phone %q", phone)
	}
	for _, seen := range []Operator{registered.Seen(approval.Person{ID: "owner"}, true), registered.Seen(holder(approval.Secretary, community), false)} {
		if seen.Phone != sound().Phone {
			t.Errorf("whoever keeps it reads %q", seen.Phone)
		}
	}
}

func TestALicenceIsValidThroughItsLastDay(t *testing.T) {
	paper := Licence{NewLicence: NewLicence{Kind: FoodLicence, Number: "JY-1", ValidUntil: "2026-03-04", Verified: true}}
	for _, each := range []struct {
		what   string
		change func(*Licence)
		at     time.Time
		want   LicenceStatus
	}{
		{"on its last evening", func(*Licence) {}, on("2026-03-04").Add(23*time.Hour + 59*time.Minute), LicenceValid},
		{"the next midnight", func(*Licence) {}, on("2026-03-05"), LicenceExpired},
		{"without end", func(l *Licence) { l.ValidUntil = "" }, on("2099-01-01"), LicenceValid},
		{"not compared with the register", func(l *Licence) { l.Verified = false }, on("2026-03-01"), LicenceUnverified},
		{"revoked today", func(l *Licence) { l.RevokedOn = "2026-03-01" }, on("2026-03-01"), LicenceRevoked},
		{"revoked tomorrow", func(l *Licence) { l.RevokedOn = "2026-03-02" }, on("2026-03-01"), LicenceValid},
		{"revoked and expired", func(l *Licence) { l.RevokedOn = "2026-03-02" }, on("2026-04-01"), LicenceRevoked},
	} {
		licence := paper
		each.change(&licence)
		if got := licence.Status(each.at); got != each.want {
			t.Errorf("%s: %s, want %s", each.what, got, each.want)
		}
	}
	if left, ends := paper.DaysLeft(on("2026-03-01").Add(20 * time.Hour)); left != 3 || !ends {
		t.Errorf("%d days left, ends %v", left, ends)
	}
	if left, ends := (Licence{}).DaysLeft(on("2026-03-01")); left != 0 || ends {
		t.Errorf("a paper without end: %d, %v", left, ends)
	}
	Refuses(t, "an unknown kind", NewLicence{Kind: "driving", Number: "1"}.Validate(), approval.Invalid, "kind")
	Refuses(t, "no number", NewLicence{Kind: FoodLicence}.Validate(), approval.Invalid, "number")
	Refuses(t, "no date", NewLicence{Kind: FoodLicence, Number: "1", ValidUntil: "soon"}.Validate(), approval.Invalid, "valid_until")
	Refuses(t, "one that has run out", NewLicence{Kind: FoodLicence, Number: "1", ValidUntil: "2001-01-01"}.Validate(), "", "")
	Refuses(t, "a revocation to come", Revocation{RevokedOn: "2026-03-02", Reason: "违规"}.Validate(on("2026-03-01")), approval.Invalid, "revoked_on")
	Refuses(t, "an unexplained one", Revocation{RevokedOn: "2026-03-01"}.Validate(on("2026-03-01")), approval.Invalid, "reason")
}

func TestACreditCheckIsWhatWasFound(t *testing.T) {
	entry := CreditEntry{List: JudgmentDefaulter, Subject: SubjectShareholder, Name: "示例股东", ListedOn: "2025-01-01", RemovedOn: "2025-06-01"}
	for _, each := range []struct {
		what  string
		spoil func(*NewCreditCheck)
		field string
	}{
		{"sound", func(*NewCreditCheck) {}, ""},
		{"nothing found", func(c *NewCreditCheck) { c.Entries = nil }, ""},
		{"no source", func(c *NewCreditCheck) { c.Source = "" }, "source"},
		{"checked tomorrow", func(c *NewCreditCheck) { c.CheckedOn = "2026-03-05" }, "checked_on"},
		{"too many", func(c *NewCreditCheck) { c.Entries = make([]CreditEntry, 51) }, "entries"},
		{"an unknown list", func(c *NewCreditCheck) { c.Entries[0].List = "gossip" }, "entries/0/list"},
		{"an unknown subject", func(c *NewCreditCheck) { c.Entries[0].Subject = "cousin" }, "entries/0/subject"},
		{"a person without a name", func(c *NewCreditCheck) { c.Entries[0].Name = "" }, "entries/0/name"},
		{"the operator by a person's name", func(c *NewCreditCheck) { c.Entries[0].Subject = SubjectOperator }, "entries/0/name"},
		{"removed before it was listed", func(c *NewCreditCheck) { c.Entries[0].RemovedOn = "2024-01-01" }, "entries/0/listed_on"},
		{"listed after the check", func(c *NewCreditCheck) { c.Entries[0].ListedOn, c.Entries[0].RemovedOn = "2026-03-04", "" }, "entries/0/listed_on"},
	} {
		check := NewCreditCheck{Source: "示例信用平台", CheckedOn: "2026-03-03", Entries: []CreditEntry{entry}}
		each.spoil(&check)
		code := approval.Invalid
		if each.field == "" {
			code = ""
		}
		Refuses(t, each.what, check.Validate(on("2026-03-04")), code, each.field)
	}
}
