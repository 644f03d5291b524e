package web

import (
	"net/http"

	"linli/approval"
)

var problems = map[int]struct{ heading, advice approval.Text }{
	http.StatusNotFound: {
		approval.Text{ZH: "没有找到这个页面", EN: "Page not found"},
		approval.Text{ZH: "网址可能有误，或查询码填写不正确。", EN: "The address may be mistyped, or the receipt code is not right."},
	},
	http.StatusTooManyRequests: {
		approval.Text{ZH: "操作过于频繁", EN: "Too many requests"},
		approval.Text{ZH: "请过一会儿再试。", EN: "Please try again in a while."},
	},
	http.StatusServiceUnavailable: {
		approval.Text{ZH: "系统暂时不可用", EN: "Temporarily unavailable"},
		approval.Text{ZH: "系统正在恢复，请稍后再试。您刚才提交的内容如未显示查询码，请重新提交。", EN: "The system is recovering; please try again later. If no receipt code was shown, please submit again."},
	},
}

// Heading says in a few words what happened.
func (p ProblemPage) Heading() string {
	if known, ok := problems[p.Status]; ok {
		return p.Say(known.heading)
	}
	if p.Status >= http.StatusInternalServerError {
		return p.T("系统出现故障", "Something went wrong")
	}
	return p.T("无法办理", "Not possible")
}

// Advice says what the reader can do: the refusal's own words where there is
// one, never the text of a fault.
func (p ProblemPage) Advice() string {
	if p.Detail.ZH != "" && p.Status < http.StatusInternalServerError {
		return p.Say(p.Detail)
	}
	if known, ok := problems[p.Status]; ok {
		return p.Say(known.advice)
	}
	if p.Status >= http.StatusInternalServerError {
		return p.T("这不是您的问题，请稍后再试。", "This is not your fault; please try again later.")
	}
	return p.T("请检查后重试。", "Please check and try again.")
}
