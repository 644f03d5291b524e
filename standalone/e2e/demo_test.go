package e2e

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"linli/approval"
	"linli/approval/engagement"
	"linli/approval/onboarding"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// TestDemoLoads loads the demonstration into a system that holds nothing but
// the city, as `make run` does, and loads it again.
func TestDemoLoads(t *testing.T) {
	t.Parallel()
	w := open(t, stack.Options{Empty: true})
	options := demo.Options{URL: w.URL, AdminPassword: w.AdminPassword, Log: func(line string) { t.Log(line) }, Marker: t.TempDir() + "/version"}
	load := func() demo.Report {
		t.Helper()
		report, err := demo.Load(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	data, err := demo.Read()
	if err != nil {
		t.Fatal(err)
	}
	cases := len(data.Cases) + len(data.Applications)
	if report := load(); report.People != len(data.People) || report.Cases != cases {
		t.Errorf("loaded %d people and %d cases, want %d and %d", report.People, report.Cases, len(data.People), cases)
	}
	w.rest()
	first := w.everything()
	for _, c := range data.Cases {
		if stage := first.Stages[c.Title]; stage != c.Leaves {
			t.Errorf("%s stands at %q, want %q", c.Title, stage, c.Leaves)
		}
	}
	for _, a := range data.Applications {
		if stage := first.Stages[a.Title]; stage != a.Leaves {
			t.Errorf("%s stands at %q, want %q", a.Title, stage, a.Leaves)
		}
	}
	w.checkTemplates(data)
	w.checkInboxes()
	w.checkBooks()
	load()
	if second := w.everything(); !reflect.DeepEqual(first, second) {
		t.Errorf("the second load changed something: from\n%+v\nto\n%+v", first, second)
	}
	w.refuseCity()
	w.refuseOtherVersions(options, first)
}

// refuseOtherVersions: sample data of another program are kept as they are,
// whether the marker says so, is missing, or does not know.
func (w *world) refuseOtherVersions(options demo.Options, first everything) {
	w.t.Helper()
	refused := func(name string) {
		w.t.Helper()
		_, err := demo.Load(w.t.Context(), options)
		if approval.CodeOf(err) != approval.KeyReused || !strings.Contains(err.Error(), "another version of the sample data") {
			w.t.Errorf("%s: %v", name, err)
		}
		if left := w.everything(); !reflect.DeepEqual(first, left) {
			w.t.Errorf("%s: it changed\n%+v\nto\n%+v", name, first, left)
		}
	}
	if err := os.WriteFile(options.Marker, []byte("0123456789ab\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	refused("a marker of another version")
	if err := os.Remove(options.Marker); err != nil {
		w.t.Fatal(err)
	}
	refused("people and no marker")
	options.Marker = ""
	w.Administer(w.t, `UPDATE operations SET body_hash = repeat('0', 64) WHERE key = 'demo-account-zb-auditor'`)
	refused("no marker is kept and an account was made otherwise")
}

// rest waits until no case has a step or an effect under way.
func (w *world) rest() {
	w.t.Helper()
	for _, view := range all[approval.CaseView](w, "zb-auditor", "/v1/cases?") {
		stack.Until(w.t, view.Title+" has come to rest", func() (bool, string) {
			described, err := w.Temporal.DescribeWorkflowExecution(w.t.Context(), view.CaseID, "")
			if err != nil {
				return false, err.Error()
			}
			return described.GetPendingWorkflowTask() == nil && len(described.GetPendingActivities()) == 0, "work under way"
		})
	}
}

// everything is what a load could change, as the city's auditor sees it.
type everything struct {
	Stages  map[string]approval.Stage // by title
	Seqs    map[string]int            // by case
	Entries map[string]int            // by fund
	Notices int
	People  int
	Bank    int
}

func (w *world) everything() everything {
	w.t.Helper()
	seen := everything{Stages: map[string]approval.Stage{}, Seqs: map[string]int{}, Entries: map[string]int{}}
	for _, view := range all[approval.CaseView](w, "zb-auditor", "/v1/cases?") {
		seen.Stages[view.Title], seen.Seqs[view.CaseID] = view.Stage, view.Seq
	}
	for _, fund := range all[fundRow](w, "zb-officer1", "/v1/funds?") {
		seen.Entries[fund.Name] = len(all[entry](w, "zb-officer1", "/v1/funds/"+fund.ID+"/entries?"))
	}
	seen.Notices = len(all[approval.NoticeView](w, "zb-auditor", "/v1/public/notices?"))
	seen.People = len(all[approval.Account](w, "admin", "/v1/accounts?"))
	seen.Bank = len(w.Book(w.t).Payments)
	return seen
}

// templates are the ten case templates of the field, in their order.
var templates = []struct {
	key    string
	stage  approval.Stage
	status approval.CaseStatus
}{
	{"canteen", onboarding.Notice, approval.Running}, {"care", onboarding.Correction, approval.Running}, {"nursery", onboarding.Correction, approval.Running},
	{"mending", onboarding.DeskReview, approval.Running}, {"culture", onboarding.Closed, approval.Rejected}, {"noodles", onboarding.Closed, approval.Rejected},
	{"study", onboarding.DeskReview, approval.Running}, {"calligraphy", onboarding.Notice, approval.Running}, {"barber", onboarding.Handover, approval.Running},
	{"fitness", onboarding.Closed, approval.Completed},
}

// checkTemplates: each of the ten cases stands where its template says: the
// objection of the eighth is overruled, the ninth has three defects to repair
// and a meter to be read again, the tenth was scored 56 and 52 and has left.
func (w *world) checkTemplates(data demo.Data) {
	w.t.Helper()
	cases := map[string]approval.CaseView{}
	for _, view := range all[approval.CaseView](w, "zb-auditor", "/v1/cases?") {
		cases[view.Title] = view
	}
	byKey := map[string]approval.CaseView{}
	for _, a := range data.Applications {
		byKey[a.Key] = cases[a.Title]
	}
	for i, want := range templates {
		if view := byKey[want.key]; view.Stage != want.stage || view.Status != want.status {
			w.t.Errorf("template %d, %s, stands at %q, %s", i+1, view.Title, view.Stage, view.Status)
		}
	}
	if seats := w.seatsOf(byKey["calligraphy"].CaseID, onboarding.Notice, approval.TaskDone); len(seats) != 1 || !strings.HasPrefix(seats[0], "objection-") {
		w.t.Errorf("answered objections: %v", seats)
	}
	barber := byKey["barber"].CaseID
	open, done := w.seatsOf(barber, onboarding.Handover, approval.TaskOpen), w.seatsOf(barber, onboarding.Handover, approval.TaskDone)
	if !slices.Equal(open, []string{"giving", "receiving", "repair-1", "repair-2", "repair-3"}) || !slices.Equal(done, []string{"list", "repair-4"}) {
		w.t.Errorf("the handover waits for %v after %v", open, done)
	}
	left := read[engagement.View](w, "zb-auditor", "/v1/engagements/"+engagement.ID(byKey["fitness"].CaseID))
	var scores []int64
	for _, one := range left.Evaluations {
		scores = append(scores, one.Total)
	}
	if !slices.Equal(scores, []int64{56, 52}) || left.Stage != approval.Closed || left.Leaving.Ground != engagement.FailedEvaluation || left.TakenOver == nil || !left.HandBack.Complete() {
		w.t.Errorf("scored %v, at %s, left for %+v", scores, left.Stage, left.Leaving)
	}
}

// seatsOf lists the seats at a stage whose tasks are as asked for.
func (w *world) seatsOf(caseID string, stage approval.Stage, status approval.TaskStatus) (seats []string) {
	w.t.Helper()
	tasks := read[struct {
		Items []approval.TaskView `json:"items"`
	}](w, "zb-auditor", "/v1/cases/"+caseID+"/tasks")
	for _, task := range tasks.Items {
		if task.Stage == stage && task.Status == status && task.Kind != approval.Standing {
			seats = append(seats, task.Seat)
		}
	}
	slices.Sort(seats)
	return seats
}

// checkInboxes: whoever tries the demonstration finds work in every role the
// cases wait for, and only work he may do.
func (w *world) checkInboxes() {
	w.t.Helper()
	waiting := []string{
		"zd-handler", "zd-reserve", "zd-street", "lz-district", "zd-objections", "zb-cashier", "zb-checker", "yy-secretary",
		"op-care", "op-nursery", "op-barber", "zv-street", "zb-scorer3",
	}
	for _, username := range waiting {
		tasks := all[approval.TaskView](w, username, "/v1/tasks?")
		if len(tasks) == 0 {
			w.t.Errorf("%s has nothing to do", username)
		}
		if slices.ContainsFunc(tasks, func(task approval.TaskView) bool { return !task.Mine || task.Status != approval.TaskOpen }) {
			w.t.Errorf("%s sees tasks that are not to be done by him: %+v", username, tasks)
		}
	}
	if tasks := all[approval.TaskView](w, "zc-m1", "/v1/tasks?"); len(tasks) != 0 {
		w.t.Errorf("a member in a district without cases has %d tasks", len(tasks))
	}
}

// checkBooks compares what ledger, bank and notices say of the paid cases.
func (w *world) checkBooks() {
	w.t.Helper()
	paid, settled, told := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, payment := range w.Book(w.t).Payments {
		paid[payment.CaseID] += payment.Receipt.Amount
	}
	for _, fund := range all[fundRow](w, "zb-officer1", "/v1/funds?") {
		for _, e := range all[entry](w, "zb-officer1", "/v1/funds/"+fund.ID+"/entries?") {
			for _, line := range e.Lines {
				if e.Kind == "settle" {
					settled[e.CaseID] += int64(max(line.Amount, 0))
				}
			}
		}
	}
	for _, notice := range all[approval.NoticeView](w, "zb-auditor", "/v1/public/notices?") {
		if notice.Payment != nil {
			told[notice.CaseID] += int64(notice.Payment.Amount)
		}
	}
	if len(paid) == 0 || !maps.Equal(paid, settled) || !maps.Equal(paid, told) {
		w.t.Errorf("the bank paid %v, the ledger settled %v, the public read %v", paid, settled, told)
	}
}
