package city

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"linli/approval"
)

// TestACaseWhoseTimeRanOutIsFiledAgain: under a key of its own, and not for ever.
func TestACaseWhoseTimeRanOutIsFiledAgain(t *testing.T) {
	for _, c := range []struct {
		lapses, filed int
		status        approval.CaseStatus
		fails         bool
	}{
		{lapses: 0, filed: 1},
		{lapses: 2, filed: 3, status: approval.Lapsed},
		{lapses: 99, filed: filings, status: approval.Lapsed, fails: true},
		{lapses: 1, filed: 1, status: approval.Rejected, fails: true}, // somebody decided: filing again would not mend it
	} {
		keys := map[string]bool{}
		each := filed("示例",
			func(_ context.Context, try string) (string, error) {
				keys[try] = true
				return "c" + try, nil
			},
			func(_ context.Context, caseID string) (time.Duration, error) {
				if len(keys) <= c.lapses {
					return 0, failed(approval.CaseView{CaseID: caseID, CaseSnapshot: approval.CaseSnapshot{Status: c.status, Reason: "投票 0 人"}})
				}
				return 0, nil
			})
		again, err := time.Duration(1), error(nil)
		for again > 0 && err == nil {
			again, err = each.do(t.Context())
		}
		if (err != nil) != c.fails || len(keys) != c.filed || !keys[""] {
			t.Errorf("%+v: filed under %v, %v", c, keys, err)
		}
		if err != nil && (!strings.Contains(err.Error(), "投票 0 人") || errors.Is(err, errLapsed) != (c.status == approval.Lapsed)) {
			t.Errorf("%+v: the reason is not told: %v", c, err)
		}
	}
}
