package funduse

import (
	"fmt"

	"linli/approval"
)

// Messages are what people should hear about because of an accepted act.
func (s *State) Messages(act approval.Accepted) []approval.Message {
	var messages []approval.Message
	switch act.Action {
	case approval.Copy:
		messages = append(messages, approval.Message{
			Kind: "copy", TaskID: act.TaskID, To: act.Form.To, Scope: s.Start.Scope,
			Text: s.about("抄送:%[1]s", "Copied to you: %[1]s"),
		})
	case approval.Remind:
		for _, task := range s.Tasks {
			if task.Status == approval.TaskOpen && task.Kind != approval.Standing {
				messages = append(messages, approval.TaskMessage("reminder", task, s.about("催办:%[1]s", "A reminder: %[1]s")))
			}
		}
	}
	if s.Ended() {
		messages = append(messages, approval.Message{
			Kind: "outcome", To: []string{s.Proposer}, Scope: s.Start.Scope,
			Text: s.about("事项已结束:%[1]s", "The case has ended: %[1]s"),
		})
	}
	return messages
}

func (s *State) about(zh, en string) approval.Text {
	return approval.Text{ZH: fmt.Sprintf(zh, s.Proposal.Title), EN: fmt.Sprintf(en, s.Proposal.Title)}
}

// Alert is what the clock has to say about a task: to those who may act on it
// and, once it is overdue, to the administrator of the place as well.
func Alert(task approval.Task) []approval.Message {
	if !task.Escalated {
		return []approval.Message{approval.TaskMessage("reminder", task, approval.Text{ZH: "您的待办即将到期。", EN: "Your task is due soon."})}
	}
	overdue := approval.Text{ZH: "任务已逾期。", EN: "A task is overdue."}
	return []approval.Message{
		approval.TaskMessage("overdue", task, overdue),
		{Kind: "escalation", TaskID: task.ID, Role: approval.Administrator, Scope: task.Scope, Text: overdue},
	}
}
