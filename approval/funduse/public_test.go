package funduse_test

import (
	"testing"

	"linli/approval"
	"linli/approval/funduse"
)

func TestPublicTaskIsTheSeatTheNoticeOpened(t *testing.T) {
	for _, kind := range []struct{ kind, stage string }{
		{funduse.NoticeKindResult, "notice"}, {funduse.NoticeKindBefore, "notice_before"},
	} {
		id, err := funduse.PublicTask(approval.Notice{ID: "c_1-n2", CaseID: "c_1", Kind: kind.kind})
		if want := "c_1." + kind.stage + ".2.public"; err != nil || id != want {
			t.Errorf("%s: %q, %v, want %q", kind.kind, id, err, want)
		}
	}
	for _, id := range []string{"", "c_1", "c_1-n", "c_1-n0", "c_1-nx", "c_2-n1", "c_1-n-1"} {
		if task, err := funduse.PublicTask(approval.Notice{ID: id, CaseID: "c_1", Kind: funduse.NoticeKindResult}); err == nil {
			t.Errorf("notice %q led to task %q", id, task)
		}
	}
}
