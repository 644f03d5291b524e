package server

import (
	"context"
	"time"
)

func (s *Server) systemRoutes() []Route {
	return []Route{{Method: "GET", Path: "/v1/system", Operation: "readSystem", Allow: Public(), Handle: read(s.system)}}
}

// systemAnswer says whether people practise here: then deadlines do not follow
// the calendar, and sample data may be made.
type systemAnswer struct {
	Practice   bool    `json:"practice"`
	DaySeconds float64 `json:"day_seconds,omitempty"` // how long a day of a deadline lasts
}

func (s *Server) system(context.Context, call) (systemAnswer, error) {
	length := s.config.DayLength
	return systemAnswer{Practice: length > 0 && length < 24*time.Hour, DaySeconds: length.Seconds()}, nil
}
