package server

import (
	"bytes"
	"iter"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/approval/statistics"
	"linli/internal/sheet"
)

// statisticsBook answers with the figures as a workbook: a table of the parts,
// a table of their periods, and what each figure means.
func (s *Server) statisticsBook(ec echo.Context) error {
	c, err := newCall(ec)
	if err != nil {
		return err
	}
	ctx := ec.Request().Context()
	report, err := s.statistics(ctx, c)
	if err != nil {
		return err
	}
	drawn, err := s.press.draw(ctx, func(out *bytes.Buffer) error { return writeBook(out, report) })
	if err != nil {
		return err
	}
	name := report.Total.Name.ZH + "统计 " + report.AsOf + ".xlsx"
	ec.Response().Header().Set("Content-Disposition", `attachment; filename="linli.xlsx"; filename*=UTF-8''`+url.PathEscape(name))
	return ec.Blob(http.StatusOK, sheet.MediaType, drawn)
}

func writeBook(out *bytes.Buffer, report statistics.Report) error {
	book, err := sheet.New()
	if err != nil {
		return err
	}
	defer book.Close()
	parts := append([]statistics.Part{report.Total}, report.Parts...)
	for _, table := range []struct {
		name    string
		columns []sheet.Column
		rows    iter.Seq[[]any]
	}{
		{"统计 Figures", slices.Concat(placeColumns, figureColumns), partRows(parts)},
		{"分期 Periods", slices.Concat(placeColumns, spanColumns, figureColumns), periodRows(parts)},
		{"口径 Definitions", definitionColumns, definitionRows(report)},
	} {
		if err := book.Table(table.name, table.columns, table.rows); err != nil {
			return err
		}
	}
	_, err = book.WriteTo(out)
	return err
}

var (
	placeColumns = []sheet.Column{{Title: "区划 scope", Width: 16}, {Title: "代码 code", Width: 36}}
	spanColumns  = []sheet.Column{
		{Title: "周期 period", Width: 10}, {Title: "自 from", Width: 12}, {Title: "至 to", Width: 12},
		{Title: "本期新设基金 funds opened", Width: 10, Kind: sheet.Number},
		{Title: "本期收入 income（元 yuan）", Width: 16, Kind: sheet.Money},
		{Title: "本期支出 spent（元 yuan）", Width: 16, Kind: sheet.Money},
		{Title: "本期微项目 micro-projects", Width: 10, Kind: sheet.Number},
	}
	figureColumns     = columnsOf(statistics.Columns)
	definitionColumns = []sheet.Column{{Title: "指标", Width: 22}, {Title: "figure", Width: 26}, {Title: "口径", Width: 60}, {Title: "definition", Width: 60}}
)

var kinds = map[statistics.Unit]struct {
	kind sheet.Kind
	unit string
}{
	statistics.Count: {sheet.Number, ""}, statistics.Percent: {sheet.Percent, ""}, statistics.Money: {sheet.Money, "（元 yuan）"},
}

func columnsOf(figures []statistics.Column) []sheet.Column {
	return rendered(figures, func(figure statistics.Column) sheet.Column {
		known := kinds[figure.Unit]
		return sheet.Column{Title: figure.Title.ZH + " " + figure.Title.EN + known.unit, Width: 16, Kind: known.kind}
	})
}

func placeOf(part statistics.Part) []any { return []any{part.Name.ZH, string(part.Scope)} }

func valuesOf(figures statistics.Figures) []any {
	return rendered(statistics.Columns, func(column statistics.Column) any { return column.Value(figures) })
}

func partRows(parts []statistics.Part) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, part := range parts {
			if !yield(append(placeOf(part), valuesOf(part.Figures)...)) {
				return
			}
		}
	}
}

func periodRows(parts []statistics.Part) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for _, part := range parts {
			for _, p := range part.Periods {
				within := []any{p.Name, p.From, p.To, p.Within.Funds, int64(p.Within.Income.Total), int64(p.Within.Spent), p.Within.MicroProjects}
				if !yield(slices.Concat(placeOf(part), within, valuesOf(p.Figures))) {
					return
				}
			}
		}
	}
}

func definitionRows(report statistics.Report) iter.Seq[[]any] {
	final := approval.Text{ZH: "截至" + report.AsOf + "（含）。", EN: "up to and with " + report.AsOf + "."}
	if !report.Final {
		final.ZH += "当日尚未结束，数字仍会变化。"
		final.EN += " That day is not over: the figures may still change."
	}
	return func(yield func([]any) bool) {
		if !yield([]any{"统计日期", "day", final.ZH, final.EN}) {
			return
		}
		for _, column := range statistics.Columns {
			if !yield([]any{column.Title.ZH, column.Title.EN, column.Definition.ZH, column.Definition.EN}) {
				return
			}
		}
	}
}
