package onboarding

import "linli/approval"

// ServiceKind is what an operator offers in a space.
type ServiceKind string

// The kinds of service: the sets of the national plan for embedded community
// services, and what reports of Zibo's practice name.
const (
	Meals        ServiceKind = "meals"        // 社区助餐
	DayCare      ServiceKind = "day_care"     // 日间照料
	ElderlyBeds  ServiceKind = "elderly_beds" // 机构养老
	Childcare    ServiceKind = "childcare"    // 普惠托育
	AfterCare    ServiceKind = "after_care"   // 课后托管
	Housekeeping ServiceKind = "housekeeping" // 家政便民
	Health       ServiceKind = "health"       // 健康服务
	Fitness      ServiceKind = "fitness"      // 体育健身
	Culture      ServiceKind = "culture"      // 文化休闲
	Play         ServiceKind = "play"         // 儿童游憩
	Study        ServiceKind = "study"        // 共享自习
	Retail       ServiceKind = "retail"       // 便民零售
	Mending      ServiceKind = "mending"      // 便民维修
	Hairdressing ServiceKind = "hairdressing" // 理发
	Parcel       ServiceKind = "parcel"       // 快递驿站
	Employment   ServiceKind = "employment"   // 就业创业
)

// ServiceKinds lists every kind of service with its display name.
var ServiceKinds = []struct {
	Kind ServiceKind
	Name approval.Text
}{
	{Meals, approval.Text{ZH: "社区助餐", EN: "meals"}},
	{DayCare, approval.Text{ZH: "日间照料", EN: "elderly day care"}},
	{ElderlyBeds, approval.Text{ZH: "机构养老", EN: "residential elderly care"}},
	{Childcare, approval.Text{ZH: "普惠托育", EN: "infant care"}},
	{AfterCare, approval.Text{ZH: "课后托管", EN: "after-school care"}},
	{Housekeeping, approval.Text{ZH: "家政便民", EN: "housekeeping"}},
	{Health, approval.Text{ZH: "健康服务", EN: "health service"}},
	{Fitness, approval.Text{ZH: "体育健身", EN: "sports and fitness"}},
	{Culture, approval.Text{ZH: "文化休闲", EN: "culture and leisure"}},
	{Play, approval.Text{ZH: "儿童游憩", EN: "children's play"}},
	{Study, approval.Text{ZH: "共享自习", EN: "shared study room"}},
	{Retail, approval.Text{ZH: "便民零售", EN: "convenience retail"}},
	{Mending, approval.Text{ZH: "便民维修", EN: "mending and repairs"}},
	{Hairdressing, approval.Text{ZH: "理发", EN: "hairdressing"}},
	{Parcel, approval.Text{ZH: "快递驿站", EN: "parcel station"}},
	{Employment, approval.Text{ZH: "就业创业", EN: "employment and start-ups"}},
}

// Activity is something a service involves that a negative list may name. A
// service that involves none of them states an empty list.
type Activity string

// The activities negative lists may name. The choice is a sample (示例).
const (
	OpenFlame     Activity = "open_flame"     // 明火油烟
	Flammables    Activity = "flammables"     // 易燃易爆储存
	SalesMeeting  Activity = "sales_meeting"  // 保健品会销
	Tutoring      Activity = "tutoring"       // 学科类校外培训
	Prepayment    Activity = "prepayment"     // 收取预付款、会员储值
	Financing     Activity = "financing"      // 集资、借贷、理财推介
	Gambling      Activity = "gambling"       // 彩票或带彩棋牌
	Religious     Activity = "religious"      // 宗教活动
	PetClinic     Activity = "pet_clinic"     // 宠物诊疗
	Tobacco       Activity = "tobacco"        // 烟草、电子烟销售
	NightOpening  Activity = "night_opening"  // 夜间二十二时后经营
	RawSeafood    Activity = "raw_seafood"    // 生食水产品
	DecoratedCake Activity = "decorated_cake" // 裱花蛋糕
)

// Activities lists every activity with its display name.
var Activities = []struct {
	Activity Activity
	Name     approval.Text
}{
	{OpenFlame, approval.Text{ZH: "明火油烟", EN: "open flame and fumes"}},
	{Flammables, approval.Text{ZH: "易燃易爆储存", EN: "storing flammables"}},
	{SalesMeeting, approval.Text{ZH: "保健品会销", EN: "sales meetings for health products"}},
	{Tutoring, approval.Text{ZH: "学科类校外培训", EN: "tutoring in school subjects"}},
	{Prepayment, approval.Text{ZH: "收取预付款", EN: "prepaid cards"}},
	{Financing, approval.Text{ZH: "集资借贷理财", EN: "fundraising, lending, investment offers"}},
	{Gambling, approval.Text{ZH: "彩票或带彩棋牌", EN: "lottery or games for money"}},
	{Religious, approval.Text{ZH: "宗教活动", EN: "religious activity"}},
	{PetClinic, approval.Text{ZH: "宠物诊疗", EN: "pet clinic"}},
	{Tobacco, approval.Text{ZH: "烟草电子烟", EN: "tobacco and e-cigarettes"}},
	{NightOpening, approval.Text{ZH: "夜间经营", EN: "opening after 22:00"}},
	{RawSeafood, approval.Text{ZH: "生食水产品", EN: "raw aquatic food"}},
	{DecoratedCake, approval.Text{ZH: "裱花蛋糕", EN: "decorated cream cakes"}},
}

// PaperKind is a document an application may carry.
type PaperKind string

// The papers rule sets may ask for.
const (
	ApplicationForm PaperKind = "application"   // 准入申请表
	OperatingPlan   PaperKind = "plan"          // 运营方案
	OperatingBudget PaperKind = "budget"        // 投入与收支预算
	InsurancePolicy PaperKind = "insurance"     // 保险单
	CreditReport    PaperKind = "credit_report" // 信用报告
	FloorPlan       PaperKind = "floor_plan"    // 平面图
	Photo           PaperKind = "photo"         // 照片
	OtherPaper      PaperKind = "other"         // 其他

	SignedContract      PaperKind = "contract" // 已签合同扫描件
	HandoverCertificate PaperKind = "handover" // 移交书扫描件
)

// PaperKinds lists every kind of paper with its display name.
var PaperKinds = []struct {
	Kind PaperKind
	Name approval.Text
}{
	{ApplicationForm, approval.Text{ZH: "准入申请表", EN: "admission application"}},
	{OperatingPlan, approval.Text{ZH: "运营方案", EN: "operating plan"}},
	{OperatingBudget, approval.Text{ZH: "投入与收支预算", EN: "operating budget"}},
	{InsurancePolicy, approval.Text{ZH: "保险单", EN: "insurance policy"}},
	{CreditReport, approval.Text{ZH: "信用报告", EN: "credit report"}},
	{FloorPlan, approval.Text{ZH: "平面图", EN: "floor plan"}},
	{Photo, approval.Text{ZH: "照片", EN: "photo"}},
	{OtherPaper, approval.Text{ZH: "其他材料", EN: "other paper"}},
	{SignedContract, approval.Text{ZH: "已签合同扫描件", EN: "scan of the signed contract"}},
	{HandoverCertificate, approval.Text{ZH: "移交书扫描件", EN: "scan of the handover certificate"}},
}
