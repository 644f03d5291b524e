package engagement

import "linli/approval"

// Fold leaves behind what a long engagement no longer needs: tasks that are
// closed and the words of acts on them, all of which stand in the record. Ids
// and hashes of acts stay for ever, so that a repeated act is known however old
// it is, and so do the counters that keep task ids apart.
func (s *State) Fold() {
	var open []approval.Task
	keep := map[string]bool{}
	for _, task := range s.Tasks {
		if task.Status == approval.TaskOpen {
			open = append(open, task)
			keep[task.ID] = true
			keep[task.Parent] = true
		}
	}
	for _, task := range s.Tasks {
		if task.Status != approval.TaskOpen && (keep[task.ID] || keep[task.Parent] && task.Parent != "") {
			open = append(open, task)
			keep[task.ID] = true
		}
	}
	for i := range s.Acts {
		if !keep[s.Acts[i].TaskID] {
			act := s.Acts[i]
			s.Acts[i] = approval.Accepted{Seq: act.Seq, ID: act.ID, BodyHash: act.BodyHash, TaskID: act.TaskID, Action: act.Action, Stage: act.Stage, At: act.At}
		}
	}
	s.Tasks = open
}
