package approval

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Action is what a person does on a task.
type Action string

// The actions, by the field's terms.
const (
	Approve       Action = "approve"        // 同意
	Reject        Action = "reject"         // 不同意
	Return        Action = "return"         // 退回 to an earlier stage
	AskCorrection Action = "ask_correction" // 补正
	Reassign      Action = "reassign"       // 转办
	Delegate      Action = "delegate"       // 委派: comes back to the delegator
	AddReviewer   Action = "add_reviewer"   // 加签: heard before the seat decides
	Abstain       Action = "abstain"        // 弃权
	Recuse        Action = "recuse"         // 回避
	Remind        Action = "remind"         // 催办
	Copy          Action = "copy"           // 抄送
	Submit        Action = "submit"         // 提交
	Correct       Action = "correct"        // 提交补正
	Withdraw      Action = "withdraw"       // 撤回 by the applicant
	Terminate     Action = "terminate"      // 终止 by an administrator
	Object        Action = "object"         // 提出异议
	Uphold        Action = "uphold"         // 异议成立
	Overrule      Action = "overrule"       // 异议不成立
	Confirm       Action = "confirm"        // 逐项确认: the task stays open for the rest
	Sign          Action = "sign"           // 签署
)

// ActionNames gives every action's display name.
var ActionNames = []struct {
	Action Action
	Name   Text
}{
	{Approve, Text{"同意", "approve"}},
	{Reject, Text{"不同意", "reject"}},
	{Return, Text{"退回", "return"}},
	{AskCorrection, Text{"要求补正", "ask for correction"}},
	{Reassign, Text{"转办", "reassign"}},
	{Delegate, Text{"委派", "delegate and return"}},
	{AddReviewer, Text{"加签", "add a reviewer"}},
	{Abstain, Text{"弃权", "abstain"}},
	{Recuse, Text{"回避", "recuse"}},
	{Remind, Text{"催办", "remind"}},
	{Copy, Text{"抄送", "copy"}},
	{Submit, Text{"提交", "submit"}},
	{Correct, Text{"补正", "correct"}},
	{Withdraw, Text{"撤回", "withdraw"}},
	{Terminate, Text{"终止", "terminate"}},
	{Object, Text{"提出异议", "object"}},
	{Uphold, Text{"异议成立", "uphold the objection"}},
	{Overrule, Text{"异议不成立", "overrule the objection"}},
	{Confirm, Text{"逐项确认", "confirm item by item"}},
	{Sign, Text{"签署", "sign"}},
}

// MaxComment is the longest comment, in characters.
const MaxComment = 2000

// Act is one person's act on one task, as it travels in the Update.
type Act struct {
	ID          string `json:"id"` // the UpdateID: actor and Idempotency-Key
	CaseID      string `json:"case_id"`
	TaskID      string `json:"task_id"`
	Action      Action `json:"action"`
	Person      Person `json:"person"`
	Comment     string `json:"comment,omitempty"`
	Form        Entry  `json:"form,omitzero"`
	ContentHash string `json:"content_hash,omitempty"`
	// Reauthenticated is how the person proved again, for this very act, who
	// they are; "" where the action does not ask for it.
	Reauthenticated Reauthentication `json:"reauthenticated,omitempty"`
	Envelope        string           `json:"envelope"` // compact JWS over all of the above, see Claims
}

// Reauthentication is a fresh proof of identity given together with an act.
type Reauthentication string

// The proofs that are taken.
const (
	ByPassword Reauthentication = "password"
	ByTOTP     Reauthentication = "totp" // 动态口令, RFC 6238
)

// Entry is what an act carries beyond the action. Details is the procedure's
// own form, decoded strictly by the procedure's domain package.
type Entry struct {
	To      []string        `json:"to,omitempty"`      // persons: reassign, delegate, add_reviewer, copy
	Stage   Stage           `json:"stage,omitempty"`   // where to return to
	Items   []string        `json:"items,omitempty"`   // ask_correction: everything that is missing
	Details json.RawMessage `json:"details,omitempty"` // procedure form
}

// BodyHash fixes what was asked: everything but the envelope itself and what
// the person held at that moment, so that a retry after a change of grants is
// still the same request. The envelope vouches for the grants.
func (a Act) BodyHash() string {
	a.Envelope, a.Person.Grants = "", nil
	return ContentHash(a)
}

// Claims is the payload of an act's envelope. With it a history alone proves
// who acted, and nobody with access to Temporal alone can forge an act.
type Claims struct {
	ID            string    `json:"jti"` // equals the act's ID
	Person        Person    `json:"person"`
	CaseID        string    `json:"case_id"`
	TaskID        string    `json:"task_id"`
	Action        Action    `json:"action"`
	ContentHash   string    `json:"content_hash"`
	BodyHash      string    `json:"body_hash"`
	IssuedAt      time.Time `json:"iat"`
	Authenticated string    `json:"amr"` // how: "password", "token", "public"
	// Reauthenticated repeats what the act says, for whoever reads the claims alone.
	Reauthenticated Reauthentication `json:"reauthenticated,omitempty"`
}

// Match refuses claims that were made for another act. The body hash covers
// the whole act but the grants, which are compared here; the fields beside it
// are compared too, because auditors read those.
func (c Claims) Match(act Act) error {
	if c.ID != act.ID || c.BodyHash != act.BodyHash() || c.Person.ID != act.Person.ID || c.Person.For != act.Person.For ||
		!slices.Equal(c.Person.Grants, act.Person.Grants) || c.CaseID != act.CaseID || c.TaskID != act.TaskID || c.Action != act.Action || c.ContentHash != act.ContentHash ||
		c.Reauthenticated != act.Reauthenticated {
		return Errorf(BadEnvelope, "签名与所办事项不符。", "The signature was made for another act.")
	}
	return nil
}

// Accepted is an act the case took, as it stays in the case's state.
type Accepted struct {
	Seq         int       `json:"seq"`
	ID          string    `json:"id"`
	BodyHash    string    `json:"body_hash"`
	TaskID      string    `json:"task_id"`
	Stage       Stage     `json:"stage"`
	Round       int       `json:"round"`
	Seat        string    `json:"seat"`
	Kind        TaskKind  `json:"kind"`
	Action      Action    `json:"action"`
	Person      string    `json:"person"`
	For         string    `json:"for,omitempty"`
	Comment     string    `json:"comment,omitempty"`
	ContentHash string    `json:"content_hash,omitempty"`
	Form        Entry     `json:"form,omitzero"`
	At          time.Time `json:"at"`
	// Reauthenticated is set where the action asks for it.
	Reauthenticated Reauthentication `json:"reauthenticated,omitempty"`
}

// negative acts must say why.
var negative = []Action{Reject, Return, AskCorrection, Recuse, Withdraw, Terminate, Object, Uphold, Overrule}

// onContent acts decide on content and must name its hash.
var onContent = []Action{Approve, Reject, Return, AskCorrection, Abstain, Uphold, Overrule, Sign}

func (a Act) validate() error {
	if slices.Contains(negative, a.Action) && blank(a.Comment) {
		return Errorf(CommentRequired, "此操作必须说明理由。", "This action must give a reason.").At("comment")
	}
	if utf8.RuneCountInString(a.Comment) > MaxComment {
		return Errorf(Invalid, "意见不能超过%[1]d个字。", "A comment has at most %[1]d characters.", MaxComment).At("comment")
	}
	switch a.Action {
	case Sign:
		if a.Reauthenticated != ByPassword && a.Reauthenticated != ByTOTP {
			return NotReauthenticated()
		}
	case Reassign, Delegate:
		if len(a.Form.To) != 1 {
			return Errorf(Invalid, "须指定一名接办人。", "Name exactly one person to hand it to.").At("form/to")
		}
	case AddReviewer, Copy:
		if len(a.Form.To) == 0 || len(a.Form.To) > 20 {
			return Errorf(Invalid, "须指定1至20人。", "Name 1 to 20 persons.").At("form/to")
		}
	case AskCorrection:
		if len(a.Form.Items) == 0 || slices.ContainsFunc(a.Form.Items, blank) {
			return Errorf(Invalid, "须一次性列明全部补正事项。", "List everything that is missing.").At("form/items")
		}
	}
	return a.Form.validateTo()
}

// NotReauthenticated refuses to sign on a session alone: whoever finds a screen
// left open must not be able to bind its owner.
func NotReauthenticated() *Error {
	return Errorf(Reauthenticate, "签署须当场再次验证身份：请输入密码或动态口令。",
		"Signing needs a fresh proof of identity: give the password or a one-time code.").At("reauthentication")
}

// validateTo refuses nobody by name and a person named twice: either would
// open a task that nobody, or the same person twice, has to answer.
func (e Entry) validateTo() error {
	for i, person := range e.To {
		if blank(person) || slices.Contains(e.To[:i], person) {
			return Errorf(Invalid, "接办人为空或重复。", "A person is left empty or named twice.").At("form/to")
		}
	}
	return nil
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// ActionName is the display name of an action.
func ActionName(action Action) Text {
	for _, known := range ActionNames {
		if known.Action == action {
			return known.Name
		}
	}
	return Text{ZH: string(action), EN: string(action)}
}
