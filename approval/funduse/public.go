package funduse

import (
	"fmt"
	"strconv"
	"strings"

	"linli/approval"
)

// PublicTask names the task on which residents object to a notice: the public
// seat of the stage and round that published it.
func PublicTask(notice approval.Notice) (string, error) {
	at := strings.LastIndex(notice.ID, "-n")
	if at < 0 || notice.ID[:at] != notice.CaseID {
		return "", fmt.Errorf("notice %q does not name its case and round", notice.ID)
	}
	round, err := strconv.Atoi(notice.ID[at+2:])
	if err != nil || round < 1 {
		return "", fmt.Errorf("notice %q does not name its round", notice.ID)
	}
	stage := NoticeAfter
	if notice.Kind == NoticeKindBefore {
		stage = NoticeBefore
	}
	return approval.TaskID(notice.CaseID, stage, round, approval.SeatPublic), nil
}
