// Package operator is the domain of operators (运营主体): who they are, the
// licences they hold and the credit lists they stand on.
package operator

import "linli/approval"

// Kind is the legal form of an operator.
type Kind string

// The legal forms.
const (
	Company     Kind = "company"      // 企业
	SoleTrader  Kind = "sole_trader"  // 个体工商户
	ServiceBody Kind = "service_body" // 社会服务机构(民办非企业单位)
	Association Kind = "association"  // 社会团体
	Cooperative Kind = "cooperative"  // 农民专业合作社
	Institution Kind = "institution"  // 事业单位
)

// Kinds lists every legal form with its display name.
var Kinds = []struct {
	Kind Kind
	Name approval.Text
}{
	{Company, approval.Text{ZH: "企业", EN: "company"}},
	{SoleTrader, approval.Text{ZH: "个体工商户", EN: "sole trader"}},
	{ServiceBody, approval.Text{ZH: "社会服务机构", EN: "social service body"}},
	{Association, approval.Text{ZH: "社会团体", EN: "social association"}},
	{Cooperative, approval.Text{ZH: "农民专业合作社", EN: "farmers' cooperative"}},
	{Institution, approval.Text{ZH: "事业单位", EN: "public institution"}},
}

// LicenceKind is a paper an authority has issued or a filing it has received.
type LicenceKind string

// The licences and filings service kinds may need.
const (
	Registration      LicenceKind = "registration"       // 营业执照或登记证书
	FoodLicence       LicenceKind = "food_licence"       // 食品经营许可证
	SmallCatering     LicenceKind = "small_catering"     // 小餐饮登记证
	PrepackedFiling   LicenceKind = "prepacked_filing"   // 仅销售预包装食品备案
	StaffHealth       LicenceKind = "staff_health"       // 从业人员健康证明
	ChildcareFiling   LicenceKind = "childcare_filing"   // 托育机构备案回执
	ElderlyFiling     LicenceKind = "elderly_filing"     // 养老机构备案回执
	FireCheck         LicenceKind = "fire_check"         // 公众聚集场所消防安全检查(含告知承诺)
	FireDesign        LicenceKind = "fire_design"        // 消防设计审查验收或备案
	MedicalLicence    LicenceKind = "medical_licence"    // 医疗机构执业许可或备案
	HygienePermit     LicenceKind = "hygiene_permit"     // 公共场所卫生许可证
	PublicLiability   LicenceKind = "public_liability"   // 公众责任险保单
	TeacherPermit     LicenceKind = "teacher_permit"     // 教学或看护人员资质
	ParcelFiling      LicenceKind = "parcel_filing"      // 快递末端网点备案
	HousekeepingStaff LicenceKind = "housekeeping_staff" // 家政服务人员身份与健康核验
)

// LicenceKinds lists every licence and filing with its display name.
var LicenceKinds = []struct {
	Kind LicenceKind
	Name approval.Text
}{
	{Registration, approval.Text{ZH: "营业执照或登记证书", EN: "business licence or registration certificate"}},
	{FoodLicence, approval.Text{ZH: "食品经营许可证", EN: "food business licence"}},
	{SmallCatering, approval.Text{ZH: "小餐饮登记证", EN: "small-catering registration"}},
	{PrepackedFiling, approval.Text{ZH: "仅销售预包装食品备案", EN: "prepacked-food filing"}},
	{StaffHealth, approval.Text{ZH: "从业人员健康证明", EN: "staff health certificates"}},
	{ChildcareFiling, approval.Text{ZH: "托育机构备案回执", EN: "childcare filing receipt"}},
	{ElderlyFiling, approval.Text{ZH: "养老机构备案回执", EN: "elderly-care filing receipt"}},
	{FireCheck, approval.Text{ZH: "公众聚集场所消防安全检查", EN: "fire-safety check of a public gathering place"}},
	{FireDesign, approval.Text{ZH: "消防设计审查验收或备案", EN: "fire design review or filing"}},
	{MedicalLicence, approval.Text{ZH: "医疗机构执业许可或备案", EN: "medical practice licence or filing"}},
	{HygienePermit, approval.Text{ZH: "公共场所卫生许可证", EN: "public-place hygiene permit"}},
	{PublicLiability, approval.Text{ZH: "公众责任险保单", EN: "public liability policy"}},
	{TeacherPermit, approval.Text{ZH: "教学或看护人员资质", EN: "teaching or care staff qualifications"}},
	{ParcelFiling, approval.Text{ZH: "快递末端网点备案", EN: "parcel outlet filing"}},
	{HousekeepingStaff, approval.Text{ZH: "家政服务人员核验", EN: "housekeeping staff verification"}},
}

// LicenceStatus is what is known of one licence on a day. Only valid counts.
type LicenceStatus string

// The states of a licence.
const (
	LicenceValid      LicenceStatus = "valid"      // 有效
	LicenceExpired    LicenceStatus = "expired"    // 已过期
	LicenceRevoked    LicenceStatus = "revoked"    // 已吊销或撤销
	LicenceUnverified LicenceStatus = "unverified" // 尚未核验
)

// CreditList is a public list or record an operator may stand on.
type CreditList string

// The credit lists.
const (
	AbnormalOperations CreditList = "abnormal_operations" // 经营异常名录
	SeriousViolation   CreditList = "serious_violation"   // 严重违法失信名单
	JudgmentDefaulter  CreditList = "judgment_defaulter"  // 失信被执行人
	SpendingLimit      CreditList = "spending_limit"      // 限制高消费
	SeriousDishonesty  CreditList = "serious_dishonesty"  // 严重失信主体名单
	MajorViolation     CreditList = "major_violation"     // 重大违法记录
	SafetyAccident     CreditList = "safety_accident"     // 重大安全事故
	FoodRevoked        CreditList = "food_revoked"        // 食品经营许可证被吊销
	CateringRevoked    CreditList = "catering_revoked"    // 小餐饮登记证被吊销
)

// CreditLists lists every list with its display name.
var CreditLists = []struct {
	List CreditList
	Name approval.Text
}{
	{AbnormalOperations, approval.Text{ZH: "经营异常名录", EN: "abnormal-operations list"}},
	{SeriousViolation, approval.Text{ZH: "严重违法失信名单", EN: "serious-violation list"}},
	{JudgmentDefaulter, approval.Text{ZH: "失信被执行人", EN: "judgment defaulter"}},
	{SpendingLimit, approval.Text{ZH: "限制高消费", EN: "spending limit"}},
	{SeriousDishonesty, approval.Text{ZH: "严重失信主体名单", EN: "serious-dishonesty list"}},
	{MajorViolation, approval.Text{ZH: "重大违法记录", EN: "major violation"}},
	{SafetyAccident, approval.Text{ZH: "重大安全事故", EN: "serious safety accident"}},
	{FoodRevoked, approval.Text{ZH: "食品经营许可证被吊销", EN: "food licence revoked"}},
	{CateringRevoked, approval.Text{ZH: "小餐饮登记证被吊销", EN: "small-catering registration revoked"}},
}
