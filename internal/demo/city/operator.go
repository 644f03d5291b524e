package city

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"linli/approval"
	"linli/approval/contract"
	"linli/approval/onboarding"
	"linli/approval/space"
)

// prepareCommunities writes down what the communities with a fund want, and the
// hall that keeps every required function whatever is let beside it.
func (r *run) prepareCommunities(ctx context.Context) error {
	var jobs []job
	for _, fund := range r.plan.Funds {
		community := r.plan.Communities[fund.Community]
		code, keeper := codeOf(community.Scope), r.plan.Offices[community.Office].Handler.Username
		jobs = append(jobs, once(community.Name, func(ctx context.Context) error {
			needs := []space.Need{
				{Category: "food_leisure", Code: "book_bar", Name: "书吧", Count: 80, Priority: space.High},
				{Category: "care", Code: "day_care", Name: "日间照料", Count: 60, Priority: space.Medium},
			}
			err := r.write(ctx, keeper, "PUT", "/v1/needs/"+code, "needs-"+code, map[string]any{"version": 0, "needs": needs}, nil)
			if err != nil {
				return err
			}
			_, err = r.registerSpace(ctx, keeper, community.Scope, "A-01", "邻里中心（示例）", 200_000, space.Required())
			return err
		}))
	}
	return r.work(ctx, "需求与阵地 / needs and spaces", jobs)
}

func (r *run) registerSpace(ctx context.Context, keeper string, scope approval.Scope, code, name string, usable space.Area, functions []string) (string, error) {
	var registered made
	err := r.write(ctx, keeper, "POST", "/v1/spaces", "space-"+codeOf(scope)+"-"+code, struct {
		Scope approval.Scope `json:"scope"`
		space.Details
	}{scope, space.Details{
		Code: code, Name: name, Ownership: space.Allocated, Holder: "示例街道办事处", Proof: "配建移交协议（示例）", Use: "社区服务", Surveyed: true, FireExits: 2,
		Rooms: []space.Room{{Code: "1", Name: "一号间", Built: usable + usable/10, Usable: usable, Functions: functions}},
	}}, &registered)
	return registered.ID, err
}

// playCases plays all cases, those of operators first: while their notices
// stand, micro-projects go on.
func (r *run) playCases(ctx context.Context) error {
	return r.work(ctx, "事项 / cases", append(r.operatorJobs(), r.projectJobs()...))
}

// operatorJobs take every operator from the register to a running engagement.
func (r *run) operatorJobs() (jobs []job) {
	for i, operator := range r.plan.Operators {
		jobs = append(jobs, filed(operator.Name,
			func(ctx context.Context, try string) (string, error) { return r.apply(ctx, i, try) },
			func(ctx context.Context, caseID string) (time.Duration, error) {
				return r.onboard(ctx, r.officeAt(operator.Fund), caseID)
			}))
	}
	return jobs
}

func (r *run) officeAt(fund int) Office {
	return r.plan.Offices[r.plan.Communities[r.plan.Funds[fund].Community].Office]
}

// entry is what is needed of the register's answer.
type entry struct {
	ID       string `json:"id"`
	Licences []made `json:"licences"`
	Checks   []made `json:"credit_checks"`
}

// register enters an operator with its papers and who acts for it.
func (r *run) register(ctx context.Context, i int, office Office) (found entry, err error) {
	operator, keeper, key := r.plan.Operators[i], office.Handler.Username, fmt.Sprint(i)
	err = r.write(ctx, keeper, "POST", "/v1/operators", "operator-"+key, map[string]any{
		"scope": office.Scope, "name": operator.Name, "credit_code": operator.Code, "kind": "company",
		"legal_representative": "示例法人", "founded_on": "2019-05-06", "name_reason": "示例主体，名称按序号生成",
	}, &found)
	if err != nil {
		return found, err
	}
	place := "/v1/operators/" + found.ID
	for _, kind := range []string{"registration", "public_liability"} {
		licence := map[string]any{"kind": kind, "number": fmt.Sprintf("SL-%d-%s", i, kind), "verified": true}
		if err := r.write(ctx, keeper, "POST", place+"/licences", "licence-"+key+"-"+kind, licence, &found); err != nil {
			return found, err
		}
	}
	party := map[string]any{"name": "示例法人", "capacity": "legal_representative"}
	if err := r.write(ctx, keeper, "POST", place+"/parties", "party-"+key, party, nil); err != nil {
		return found, err
	}
	err = r.write(ctx, office.Secretary.Username, "POST", place+"/people", "agent-"+key, map[string]any{"person_id": r.id(office.Agent.Username), "position": "示例经办人"}, nil)
	if err != nil {
		return found, err
	}
	// A check is of the day it is made: one that is there is not made again.
	if err := r.read(ctx, keeper, place, &found); err != nil || len(found.Checks) > 0 {
		return found, err
	}
	return found, r.write(ctx, keeper, "POST", place+"/credit-checks", "check-"+key+"-"+today(0), map[string]any{
		"source": "国家企业信用信息公示系统（示例）", "checked_on": today(0), "entries": []any{},
	}, nil)
}

// apply registers the operator and its space and files the application.
func (r *run) apply(ctx context.Context, i int, try string) (string, error) {
	key := fmt.Sprintf("application-%d%s", i, try)
	operator := r.plan.Operators[i]
	office, scope := r.officeAt(operator.Fund), r.plan.Communities[r.plan.Funds[operator.Fund].Community].Scope
	keeper := office.Handler.Username
	found, err := r.register(ctx, i, office)
	if err != nil {
		return "", err
	}
	room, err := r.registerSpace(ctx, keeper, scope, fmt.Sprintf("B-%03d", i), "便民服务间（示例）", 4_000, []string{})
	if err != nil {
		return "", err
	}
	papers, err := r.papers(ctx, office, scope, key, asked(scope)...)
	if err != nil {
		return "", err
	}
	licences := []string{}
	for _, licence := range found.Licences {
		licences = append(licences, licence.ID)
	}
	var opened made
	err = r.write(ctx, keeper, "POST", "/v1/applications", key, map[string]any{
		"title": operator.Name + "入驻申请", "operator_id": found.ID, "space_id": room, "summary": "示例：内容虚构。", "services": services(operator.Services),
		"share":     onboarding.Share{Kind: onboarding.ProfitPercent, Percent: 35, Period: onboarding.Quarterly},
		"starts_on": r.plan.StartsOn, "ends_on": r.plan.EndsOn,
		"fit_out": onboarding.FitOut{Cost: operator.FitOut, Area: 4_000, Works: "简单装修（示例）"}, "running_cost": operator.RunningCost,
		"needs": []string{"book_bar", "day_care"}, "licences": licences, "attachments": papers,
		"undertakings": []onboarding.Undertaking{"use", "price", "safety", "no_let", "reports", "care"},
	}, &opened)
	return opened.CaseID, err
}

// asked are the papers a district asks for.
func asked(scope approval.Scope) []string {
	papers := []string{"application", "plan"}
	switch district(scope) {
	case "370304":
		return append(papers, "insurance")
	case "370305":
		return append(papers, "budget")
	case "370321":
		return append(papers, "budget", "credit_report")
	}
	return papers
}

func district(scope approval.Scope) string { return codeOf(scope.Up(approval.District)) }

// services are kinds every district admits.
func services(n int) (offered []onboarding.Service) {
	kinds := []struct {
		kind onboarding.ServiceKind
		name string
	}{{"study", "共享自习"}, {"culture", "书画活动"}, {"mending", "便民修补"}}
	for i := range n {
		kind := kinds[i%len(kinds)]
		offered = append(offered, onboarding.Service{
			Name: fmt.Sprintf("%s%d(示例)", kind.name, i/len(kinds)+1), Kind: kind.kind, Class: onboarding.LowCharge, Price: 500, Unit: "次", Over60: 20, Over80: 50,
		})
	}
	return offered
}

// onboard takes the steps of an onboarding case that are somebody's turn now.
func (r *run) onboard(ctx context.Context, office Office, caseID string) (again time.Duration, err error) {
	standing, tasks, err := r.look(ctx, office, caseID)
	if err != nil || standing.CaseID == "" {
		return soon, err
	}
	switch {
	case standing.Status == approval.Completed:
		return 0, nil
	case standing.Status != approval.Running:
		return 0, failed(standing)
	case standing.Stage == onboarding.Notice:
		return later, nil
	case standing.Stage == onboarding.Correction:
		return 0, fmt.Errorf("case %s came back for correction: %s", caseID, standing.Reason)
	}
	for _, task := range tasks {
		who, act := r.move(office, task)
		if who == "" || task.Status != approval.TaskOpen {
			continue
		}
		if err := r.act(ctx, who, task, act); err != nil {
			return 0, err
		}
	}
	return soon, nil
}

// move is who takes a task of an onboarding case, and how.
func (r *run) move(office Office, task approval.TaskView) (who string, act map[string]any) {
	agree := map[string]any{"action": approval.Approve, "comment": "示例：同意"}
	switch task.Stage {
	case onboarding.DeskReview:
		return map[string]string{
			onboarding.LevelCommunity: office.Secretary.Username, onboarding.LevelSubdistrict: office.Street.Username,
			onboarding.LevelDistrict: districtApprovers[district(office.Scope)],
		}[task.Seat], agree
	case onboarding.Scoring:
		for _, scorer := range scorers {
			if r.id(scorer) == task.Seat {
				return scorer, with(approval.Submit, map[string]any{"scores": scores(district(office.Scope))})
			}
		}
	case onboarding.Signing:
		return map[string]string{
			contract.SeatOperator: office.Agent.Username, contract.SeatCommunity: office.Secretary.Username, contract.SeatSubdistrict: office.Street.Username,
		}[task.Seat], map[string]any{"action": approval.Sign, "reauthentication": map[string]any{"password": demoPassword}}
	case onboarding.Handover:
		switch task.Seat {
		case onboarding.SeatLister:
			return office.Handler.Username, with(approval.Submit, map[string]any{"handover": map[string]any{"items": handoverItems}})
		case string(onboarding.Giving):
			return office.Handler.Username, with(approval.Confirm, map[string]any{"handover": map[string]any{"readings": readings}})
		case string(onboarding.Receiving):
			return office.Agent.Username, with(approval.Confirm, map[string]any{"handover": map[string]any{"readings": readings}})
		}
	}
	return "", nil
}

func with(action approval.Action, details map[string]any) map[string]any {
	return map[string]any{"action": action, "form": map[string]any{"details": details}}
}

// The panel and the districts' offices are people of the demonstration.
var (
	scorers           = []string{"zb-scorer1", "zb-scorer2", "zb-scorer3", "zb-scorer4", "zb-scorer5", "zb-scorer6", "zb-scorer7"}
	districtApprovers = map[string]string{
		"370302": "zc-district", "370303": "zd-district", "370304": "bs-district", "370305": "lz-district", "370306": "zv-district",
		"370321": "ht-district", "370322": "gq-district", "370323": "yy-district",
	}
)

func scores(district string) (sheet []onboarding.Score) {
	items := []string{"service", "price", "ability", "share"}
	if district == "370321" {
		items = append(items, "credit")
	}
	for _, item := range items {
		sheet = append(sheet, onboarding.Score{Item: item, Points: 88})
	}
	return sheet
}

// The handover list of every space: its one room comes from the register.
var (
	handoverItems = []map[string]any{
		{"kind": onboarding.ItemMeter, "name": "电表", "unit": "kWh", "quantity": 1},
		{"kind": onboarding.ItemKeys, "name": "大门钥匙", "unit": "把", "quantity": 2},
		{"kind": onboarding.ItemFire, "name": "灭火器", "unit": "具", "quantity": 2},
		{"kind": onboarding.ItemPhoto, "name": "现场照片", "quantity": 4},
	}
	readings = []map[string]any{
		{"item_id": "room-1", "quantity": 1, "state": onboarding.Intact},
		{"item_id": "meter-1", "quantity": 1, "state": onboarding.Intact, "meter": 1_000},
		{"item_id": "keys-1", "quantity": 2, "state": onboarding.Intact},
		{"item_id": "fire_equipment-1", "quantity": 2, "state": onboarding.Intact},
		{"item_id": "photo-1", "quantity": 4, "state": onboarding.Intact, "photos": pictures()},
	}
)

// pictures are the sums of four sample pictures that nobody took.
func pictures() (sums []string) {
	for i := range 4 {
		sum := sha256.Sum256(fmt.Appendf(nil, "示例照片 %d", i+1))
		sums = append(sums, hex.EncodeToString(sum[:]))
	}
	slices.Sort(sums)
	return sums
}

// CreditCode is a code with both checks right whose body is not assigned.
func CreditCode(district string, n int) approval.CreditCode {
	const digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	body := fmt.Sprintf("91%sQW%06d", district, 100_000+n)
	for _, inner := range digits {
		if len(approval.CreditCode(body+string(inner)+"0").Doubts())+len(approval.CreditCode(body+string(inner)+"1").Doubts()) > 2 {
			continue // the organisation's own check is wrong whatever comes last
		}
		for _, outer := range digits {
			if code := approval.CreditCode(body + string(inner) + string(outer)); len(code.Doubts()) == 0 {
				return code
			}
		}
	}
	panic("city: no credit code begins " + body)
}
