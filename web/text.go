package web

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"linli/approval"
)

// Style is the path of the style sheet.
func (f Frame) Style() string { return f.style }

// Icon is the path of the icon.
func (f Frame) Icon() string { return f.icon }

// English reports whether labels are English.
func (f Frame) English() bool { return f.Lang == EN }

// T picks a label by language.
func (f Frame) T(zh, en string) string {
	if f.Lang == EN {
		return en
	}
	return zh
}

// Say picks a sentence by language; one that was never translated stays
// Chinese.
func (f Frame) Say(text approval.Text) string {
	if f.Lang == EN && text.EN != "" {
		return text.EN
	}
	return text.ZH
}

// Link keeps the language on a path inside the site.
func (f Frame) Link(path string) string { return f.link(path, nil) }

// link is a path with what was given of a query, and the language.
func (f Frame) link(path string, given map[string]string) string {
	query := url.Values{}
	for name, value := range given {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.Lang == EN {
		query.Set("lang", "en")
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Other is this page in the other language.
func (f Frame) Other() string {
	query := f.URL.Query()
	query.Del("lang")
	if f.Lang != EN {
		query.Set("lang", "en")
	}
	if len(query) == 0 {
		return f.URL.Path
	}
	return f.URL.Path + "?" + query.Encode()
}

// Date renders a civil date in Shanghai.
func (f Frame) Date(at time.Time) string {
	return at.In(approval.Shanghai).Format(f.T("2006年1月2日", "2 Jan 2006"))
}

// Moment renders a civil date and time in Shanghai.
func (f Frame) Moment(at time.Time) string {
	return at.In(approval.Shanghai).Format(f.T("2006年1月2日 15:04", "2 Jan 2006, 15:04"))
}

// Stamp is the machine-readable form for <time datetime>.
func (f Frame) Stamp(at time.Time) string { return at.In(approval.Shanghai).Format(time.RFC3339) }

// End renders the end of a period: midnight reads as 24:00 of the day before,
// as people count days.
func (f Frame) End(at time.Time) string {
	local := at.In(approval.Shanghai)
	if local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		return f.Date(local.AddDate(0, 0, -1)) + f.T("24时", ", 24:00")
	}
	return f.Moment(at)
}

// Left says how much of a notice period remains.
func (f Frame) Left(notice approval.NoticeView) string {
	left := notice.EndsAt.Sub(f.Now)
	switch {
	case notice.EndsAt.IsZero():
		return ""
	case !notice.Open || left <= 0:
		return f.T("公示期已结束", "The notice period is over")
	case left > time.Hour:
		return f.T("距公示结束还有 ", "") + f.span(left) + f.T("", " left")
	}
	return f.T("公示将在一小时内结束", "Less than one hour left")
}

// span is more than an hour in whole days or hours, so that a cached page stays
// true for a while.
func (f Frame) span(left time.Duration) string {
	if left > 48*time.Hour {
		return strconv.Itoa(int(left/(24*time.Hour))) + f.T(" 天", " days")
	}
	return strconv.Itoa(int(left/time.Hour)) + f.T(" 小时", " hours")
}

// Period says how long a notice stands, e.g. "5个工作日".
func (f Frame) Period(notice approval.NoticeView) string {
	if notice.DayKind == approval.CalendarDays {
		return fmt.Sprintf(f.T("%d个自然日", "%d calendar days"), notice.Days)
	}
	return fmt.Sprintf(f.T("%d个工作日", "%d working days"), notice.Days)
}

// Kind names the kind of a notice.
func (f Frame) Kind(kind string) string {
	switch kind {
	case "before_payout":
		return f.T("付款前公示", "Notice before payment")
	case "admission":
		return f.T("准入公示", "Notice of an admission")
	}
	return f.T("结果公示", "Notice of the result")
}

// Square writes an area given in dm² as m².
func (f Frame) Square(area int64) string {
	return fmt.Sprintf(f.T("%d.%02d平方米", "%d.%02d m²"), area/100, area%100)
}

var noteKinds = map[string]approval.Text{
	"correction": {ZH: "更正", EN: "Correction"},
	"objection":  {ZH: "异议处理结果", EN: "Outcome of an objection"},
	"payment":    {ZH: "付款情况", EN: "Payment"},
	"disclosure": {ZH: "季度公开", EN: "Quarterly disclosure"},
	"closing":    {ZH: "结项情况", EN: "Closing report"},
}

// NoteKind names the kind of a later note.
func (f Frame) NoteKind(kind string) string {
	if name, known := noteKinds[kind]; known {
		return f.Say(name)
	}
	return f.T("补充说明", "Note")
}

// ObjectionStatus names where an objection stands.
func (f Frame) ObjectionStatus(status string) string {
	switch status {
	case "upheld":
		return f.T("异议成立", "Upheld")
	case "overruled":
		return f.T("异议不成立", "Not upheld")
	}
	return f.T("已受理，正在核查", "Received, under review")
}

// Verdict names how a criterion came out, with a mark beside the colour.
func (f Frame) Verdict(finding approval.Finding) string {
	switch finding.Verdict {
	case approval.FindingOK:
		return f.T("✓ 符合", "✓ met")
	case approval.FindingSkipped:
		return f.T("– 不适用", "– does not apply")
	case approval.FindingFail:
		if finding.Severity == approval.SeverityWarn {
			return f.T("! 提示", "! remark")
		}
		return f.T("✗ 不符合", "✗ not met")
	}
	return f.T("? 依据不足", "? evidence missing")
}

// Outcome names what a whole evaluation came to.
func (f Frame) Outcome(outcome approval.Outcome) string {
	switch outcome {
	case approval.OutcomePass:
		return f.T("全部符合", "all criteria met")
	case approval.OutcomeReview:
		return f.T("有事项由人工审查", "reviewed by a person")
	case approval.OutcomeMissing:
		return f.T("依据不足", "evidence missing")
	}
	return f.T("不符合规则", "against the rules")
}

// RuleStage names the stage an evaluation belongs to.
func (f Frame) RuleStage(stage string) string {
	switch stage {
	case "screening":
		return f.T("受理审查", "screening")
	case "charity":
		return f.T("慈善总会审批", "charity approval")
	}
	return stage
}

// ChoiceName names a ballot's choice.
func (f Frame) ChoiceName(choice approval.Choice) string {
	switch choice {
	case approval.For:
		return f.T("赞成", "for")
	case approval.Against:
		return f.T("反对", "against")
	}
	return f.T("弃权", "abstained")
}
