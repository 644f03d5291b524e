package engagement

import "linli/approval"

// Procedure names the procedure in cases and records.
const Procedure = "engagement"

// The stages. A case is operating, under rectification or leaving; the others
// are what its tasks are about meanwhile.
const (
	Operating     approval.Stage = "operating"     // 运营中
	Reporting     approval.Stage = "reporting"     // 反哺报送: report, confirmation, payment, receipt
	Evaluation    approval.Stage = "evaluation"    // 年度考核
	Rectification approval.Stage = "rectification" // 限期整改
	Renewal       approval.Stage = "renewal"       // 续约
	Pricing       approval.Stage = "pricing"       // 服务与价格调整
	Exit          approval.Stage = "exit"          // 退出清退: hand-back and settlement
)

// Stages lists every stage with its display name and what usually follows.
var Stages = []struct {
	Stage approval.Stage
	Name  approval.Text
	Next  approval.Stage
}{
	{Operating, approval.Text{ZH: "运营中", EN: "operating"}, Exit},
	{Reporting, approval.Text{ZH: "反哺报送", EN: "share report"}, Operating},
	{Evaluation, approval.Text{ZH: "年度考核", EN: "yearly evaluation"}, Operating},
	{Rectification, approval.Text{ZH: "限期整改", EN: "rectification"}, Operating},
	{Renewal, approval.Text{ZH: "续约", EN: "renewal"}, Operating},
	{Pricing, approval.Text{ZH: "服务与价格调整", EN: "change of services and prices"}, Operating},
	{Exit, approval.Text{ZH: "退出清退", EN: "exit and hand-back"}, approval.Closed},
	{approval.Closed, approval.Text{ZH: "已结束", EN: "closed"}, ""},
}

// StageName is the display name of a stage.
func StageName(stage approval.Stage) approval.Text {
	for _, known := range Stages {
		if known.Stage == stage {
			return known.Name
		}
	}
	return approval.Text{ZH: string(stage), EN: string(stage)}
}

// The seats that are not persons.
const (
	SeatOperator      = "operator"      // 运营主体
	SeatCommunity     = "community"     // 社区
	SeatPayment       = "payment"       // 运营主体缴款
	SeatCharity       = "charity"       // 慈善总会出具票据
	SeatSubdistrict   = "subdistrict"   // 街道
	SeatArrears       = "arrears"       // 街道处理欠报; of a payment followed by its seat: 欠缴
	SeatUrging        = "urging"        // 社区书记督促; followed by the seat that is late
	SeatOversight     = "oversight"     // 街道督办; likewise
	SeatAdministrator = "administrator" // 系统管理员
	SeatEnding        = "ending"        // 街道责令退出
)
