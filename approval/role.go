package approval

// Role is what a person may be at a node of the scope tree. A role granted at
// a node holds at every node below it.
type Role string

// The roles of the system.
const (
	Handler             Role = "handler"              // 社区经办人: proposes, corrects, closes
	Secretary           Role = "secretary"            // 社区党委书记: names substitutes, reads all of the community
	CommitteeMember     Role = "committee_member"     // 管委会委员: votes when on a roster
	Supervisor          Role = "supervisor"           // 监督员: sits in, confirms acceptance
	SubdistrictApprover Role = "subdistrict_approver" // 街道审批人
	DistrictApprover    Role = "district_approver"    // 区级牵头部门审批人
	RuleKeeper          Role = "rule_keeper"          // 区级规则管理员
	CharityOfficer      Role = "charity_officer"      // 慈善总会审批人; also records income
	Cashier             Role = "cashier"              // 出纳 (maker)
	PaymentChecker      Role = "payment_checker"      // 付款复核 (checker)
	ObjectionHandler    Role = "objection_handler"    // 异议处理人
	Scorer              Role = "scorer"               // 评审专家: scores applications of operators
	Auditor             Role = "auditor"              // 审计人员: reads everything below the node, decides nothing
	Administrator       Role = "administrator"        // 系统管理员: accounts, calendar, termination
	Resident            Role = "resident"             // 居民: anybody, without a login; may object to a notice
)

// Roles lists every role with its display name.
var Roles = []struct {
	Role Role
	Name Text
}{
	{Handler, Text{"社区经办人", "community case handler"}},
	{Secretary, Text{"社区党委书记", "community Party secretary"}},
	{CommitteeMember, Text{"管委会委员", "fund committee member"}},
	{Supervisor, Text{"监督员", "supervisor"}},
	{SubdistrictApprover, Text{"街道审批人", "subdistrict approver"}},
	{DistrictApprover, Text{"区级审批人", "district approver"}},
	{RuleKeeper, Text{"规则管理员", "rule keeper"}},
	{CharityOfficer, Text{"慈善总会审批人", "charity officer"}},
	{Cashier, Text{"出纳", "cashier"}},
	{PaymentChecker, Text{"付款复核", "payment checker"}},
	{ObjectionHandler, Text{"异议处理人", "objection handler"}},
	{Scorer, Text{"评审专家", "scorer"}},
	{Auditor, Text{"审计人员", "auditor"}},
	{Administrator, Text{"系统管理员", "administrator"}},
	{Resident, Text{"居民", "resident"}},
}

// Grant is one role held at one node of the tree.
type Grant struct {
	Role  Role  `json:"role"`
	Scope Scope `json:"scope"`
}

// Covers reports whether the grant gives the role at scope.
func (g Grant) Covers(role Role, scope Scope) bool {
	return g.Role == role && g.Scope.Contains(scope)
}

// Person is somebody as an act sees them: who, with which grants at the time
// of acting and, when standing in, for whom. A substitute acts with the
// grants of the absent person, not with their own.
type Person struct {
	ID     string  `json:"id"`
	Grants []Grant `json:"grants,omitempty"`
	For    string  `json:"for,omitempty"` // id of the absent person this one substitutes
}

// acting is the person whose seat is taken: the absent one, when substituted.
func (p Person) acting() string {
	if p.For != "" {
		return p.For
	}
	return p.ID
}

// Holds reports whether the person has the role at scope.
func (p Person) Holds(role Role, scope Scope) bool {
	for _, grant := range p.Grants {
		if grant.Covers(role, scope) {
			return true
		}
	}
	return false
}

// Permit refuses a person who holds none of the roles at the scope.
func Permit(person Person, scope Scope, roles ...Role) error {
	for _, role := range roles {
		if person.Holds(role, scope) {
			return nil
		}
	}
	return Errorf(Forbidden, "您无权在此范围内办理。", "You have no right to do this at this scope.")
}
