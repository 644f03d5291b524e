package server

import (
	"context"
	"slices"
	"strconv"
	"time"

	"linli/approval"
)

// Calendars are the working-day calendars, one per year.
type Calendars interface {
	CalendarOf(ctx context.Context, year int) (approval.CalendarYear, error)
	// PutCalendar refuses what approval.NewCalendar refuses.
	PutCalendar(ctx context.Context, year approval.CalendarYear, by string, now time.Time) error
}

func (s *Server) calendarRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/v1/calendars/{year}", Operation: "readCalendar", Allow: Public(), Handle: read(s.calendar)},
		{Method: "PUT", Path: "/v1/calendars/{year}", Operation: "putCalendar", Allow: Holding(approval.Administrator), Handle: write(s.putCalendar)},
	}
}

func (s *Server) calendar(ctx context.Context, c call) (approval.CalendarYear, error) {
	year, err := strconv.Atoi(c.Param("year"))
	if err != nil {
		return approval.CalendarYear{}, approval.Errorf(approval.Invalid, "年份不正确。", "The year is not valid.").At("year")
	}
	return s.records.CalendarOf(ctx, year)
}

// putCalendar changes the deadlines of every district, so it takes an
// administrator of the city.
func (s *Server) putCalendar(ctx context.Context, c call, in approval.CalendarYear) (approval.CalendarYear, error) {
	ofCity := slices.ContainsFunc(c.Person.Grants, func(grant approval.Grant) bool {
		return grant.Role == approval.Administrator && grant.Scope.Level() == approval.City
	})
	if !ofCity {
		return in, approval.Errorf(approval.Forbidden, "只有市级管理员可以修改工作日安排。", "Only an administrator of the city changes the calendar.")
	}
	if c.Param("year") != strconv.Itoa(in.Year) {
		return in, approval.Errorf(approval.Invalid, "年份与地址不一致。", "The year differs from the address.").At("year")
	}
	return in, s.records.PutCalendar(ctx, in, c.Person.ID, c.Now)
}
