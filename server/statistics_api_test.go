package server_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"linli/approval"
	"linli/approval/statistics"
	"linli/internal/sheet"
	"linli/store/storetest"
)

func (m *moneyWorld) figures(who, query string) statistics.Report {
	m.t.Helper()
	answer := m.read(who, "/v1/statistics?scope="+query)
	answer.want(m.t, 200, "")
	var report statistics.Report
	fatal(m.t, json.Unmarshal(answer.raw, &report))
	return report
}

func TestADistrictReadsItsFigures(t *testing.T) {
	m := newMoneyWorld(t)
	m.write(m.officer, "POST", m.incomes(), newIncome(1_234_567)).want(t, 200, "")
	m.write(m.secretary, "PUT", "/v1/communities/370303001901/age", map[string]any{"age": "old"}).want(t, 200, "")
	report := m.figures(m.officer, string(storetest.Zhangdian))
	want := statistics.Figures{
		Communities: 2, Funds: 1, Coverage: 5000, Balance: 1_234_567, Income: statistics.Income{ResidentDonation: 1_234_567, Total: 1_234_567},
	}
	if report.Total.Figures != want || report.AsOf != "2026-03-04" || report.Final || len(report.Total.Periods) != 3 || report.Parts[0].Figures != want {
		t.Errorf("%+v", report)
	}
	if city := m.figures(m.admin, string(storetest.City)+"&by=year&from=2025-06-01"); city.Total.Figures.Communities != 3 || len(city.Parts) != 2 || len(city.Total.Periods) != 2 {
		t.Errorf("the city: %+v", city)
	}
	m.pass(23 * time.Hour)
	past := m.figures(m.officer, string(storetest.Zhangdian)+"&as_of=2026-03-04")
	if past.Total.Figures != want || !past.Final {
		t.Errorf("the next day the figures read %+v", past.Total.Figures)
	}
}

func TestWhoReadsWhichFigures(t *testing.T) {
	m := newMoneyWorld(t)
	for name, c := range map[string]struct {
		who, path string
		status    int
		code      approval.Code
	}{
		"the whole city by a district":        {m.officer, "/v1/statistics?scope=370300", 403, approval.Forbidden},
		"another district":                    {m.stranger, "/v1/statistics?scope=370300/370303", 403, approval.Forbidden},
		"another district's workbook":         {m.stranger, "/v1/statistics.xlsx?scope=370300/370303", 403, approval.Forbidden},
		"a committee member":                  {m.member, "/v1/statistics?scope=" + string(storetest.Community1), 403, approval.Forbidden},
		"the public":                          {"", "/v1/statistics?scope=370300", 401, approval.Unauthenticated},
		"a scope there is not":                {m.admin, "/v1/statistics?scope=370300/370399", 404, approval.NotFound},
		"tomorrow":                            {m.admin, "/v1/statistics?scope=370300&as_of=2026-03-05", 422, approval.Invalid},
		"weeks":                               {m.admin, "/v1/statistics?scope=370300&by=week", 422, approval.Invalid},
		"no scope":                            {m.admin, "/v1/statistics", 422, approval.Invalid},
		"the age of another community":        {m.stranger, "/v1/communities/370303001901/age", 404, approval.NotFound},
		"the age of something else":           {m.admin, "/v1/communities/370303001/age", 404, approval.NotFound},
		"the age of one nobody has spoken of": {m.handler, "/v1/communities/370303001901/age", 200, ""},
	} {
		t.Run(name, func(t *testing.T) { m.read(c.who, c.path).want(t, c.status, c.code) })
	}
	m.write(m.handler, "PUT", "/v1/communities/370303001901/age", map[string]any{"age": "old"}).want(t, 403, approval.Forbidden)
	m.write(m.secretary, "PUT", "/v1/communities/370303001901/age", map[string]any{"age": "middle"}).want(t, 422, approval.Invalid)
}

func TestTheWorkbookHoldsFiguresPeriodsAndDefinitions(t *testing.T) {
	m := newMoneyWorld(t)
	m.write(m.admin, "POST", "/v1/scopes", map[string]any{"path": storetest.Chezhan + "/370303001903", "name_zh": "=2+5社区"}).want(t, 200, "")
	m.write(m.officer, "POST", m.incomes(), newIncome(1_234_567)).want(t, 200, "")
	answer := m.read(m.officer, "/v1/statistics.xlsx?scope="+string(storetest.Zhangdian))
	answer.want(t, 200, "")
	if answer.header.Get("Content-Type") != sheet.MediaType || !strings.HasPrefix(answer.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers %v", answer.header)
	}
	book, err := excelize.OpenReader(bytes.NewReader(answer.raw))
	fatal(t, err)
	defer book.Close()
	cell := func(sheet, at, want string) {
		if got, err := book.GetCellValue(sheet, at); err != nil || got != want {
			t.Errorf("%s %s: %q, want %q (%v)", sheet, at, got, want, err)
		}
	}
	cell("统计 Figures", "A2", "张店区")
	cell("统计 Figures", "E2", "33.33%")
	cell("统计 Figures", "F2", "12,345.67")
	cell("分期 Periods", "C4", "2026-03")
	cell("分期 Periods", "G4", "12,345.67")
	cell("口径 Definitions", "A3", statistics.Columns[0].Title.ZH)

	below := m.read(m.officer, "/v1/statistics.xlsx?scope="+string(storetest.Chezhan))
	below.want(t, 200, "")
	fatal(t, book.Close())
	book, err = excelize.OpenReader(bytes.NewReader(below.raw))
	fatal(t, err)
	cell("统计 Figures", "A5", "'=2+5社区")
}
