package space

import "linli/approval"

// Aspect is one of the seven aspects of a space's functions.
type Aspect struct {
	Code      string        `json:"code"`
	Name      approval.Text `json:"name"`
	Functions []Function    `json:"functions"`
}

// Function is what a space is for. A required one every community should have
// somewhere; the others are recommended.
type Function struct {
	Code     string        `json:"code"`
	Name     approval.Text `json:"name"`
	Required bool          `json:"required"`
}

// Sample labels both catalogues wherever they are shown: Zibo's own lists are
// not public.
var Sample = approval.Text{ZH: "示例目录，非淄博官方目录", EN: "sample catalogue, not the official one of Zibo"}

// Catalogue is the sample catalogue: 7 aspects, 41 functions.
var Catalogue = []Aspect{
	{"party", approval.Text{ZH: "党建引领", EN: "Party building"}, []Function{
		{"party_activity", approval.Text{ZH: "党员活动室", EN: "Party members' room"}, true},
		{"red_reading", approval.Text{ZH: "红色书屋与党建展示", EN: "Party reading and display"}, false},
		{"delegate_studio", approval.Text{ZH: "党代表工作室", EN: "Party delegates' studio"}, false},
		{"new_workers_stop", approval.Text{ZH: "新就业群体驿站", EN: "stop for new-employment workers"}, true},
		{"volunteer_station", approval.Text{ZH: "志愿服务站", EN: "volunteer station"}, true},
		{"council_hall", approval.Text{ZH: "共建共治议事厅", EN: "residents' council hall"}, true},
	}},
	{"affairs", approval.Text{ZH: "政务便民", EN: "public services"}, []Function{
		{"service_hall", approval.Text{ZH: "便民服务大厅", EN: "one-window service hall"}, true},
		{"grid_station", approval.Text{ZH: "网格工作站", EN: "grid station"}, true},
		{"mediation", approval.Text{ZH: "矛盾调解室", EN: "mediation room"}, true},
		{"police_legal", approval.Text{ZH: "警务室与法律服务点", EN: "police and legal service point"}, true},
		{"self_service", approval.Text{ZH: "自助服务终端", EN: "self-service terminal"}, false},
		{"petition_box", approval.Text{ZH: "信访代办与意见箱", EN: "petitions and suggestion box"}, true},
	}},
	{"elderly", approval.Text{ZH: "养老服务", EN: "elderly care"}, []Function{
		{"day_care", approval.Text{ZH: "日间照料室", EN: "elderly day-care room"}, true},
		{"meals_point", approval.Text{ZH: "社区助餐点", EN: "community meals point"}, true},
		{"rehabilitation_bath", approval.Text{ZH: "康复护理与助浴间", EN: "rehabilitation and assisted bath"}, false},
		{"elderly_activity", approval.Text{ZH: "老年活动室", EN: "elderly activity room"}, true},
		{"elderly_university", approval.Text{ZH: "老年大学教室", EN: "elderly university classroom"}, false},
		{"ageing_aids", approval.Text{ZH: "适老化用品展示租赁", EN: "ageing-aids display and rental"}, false},
	}},
	{"children", approval.Text{ZH: "托幼教育", EN: "childcare and education"}, []Function{
		{"childcare_point", approval.Text{ZH: "普惠托育点", EN: "affordable childcare point"}, true},
		{"childrens_home", approval.Text{ZH: "儿童之家", EN: "children's home"}, true},
		{"after_care_room", approval.Text{ZH: "课后托管教室", EN: "after-school classroom"}, false},
		{"family_area", approval.Text{ZH: "亲子活动区", EN: "parent-and-child area"}, false},
		{"parents_school", approval.Text{ZH: "家长学校与家庭教育指导站", EN: "parents' school"}, true},
		{"study_room", approval.Text{ZH: "共享自习室", EN: "shared study room"}, false},
	}},
	{"health", approval.Text{ZH: "健康体育", EN: "health and sport"}, []Function{
		{"health_station", approval.Text{ZH: "社区卫生服务站", EN: "community health station"}, true},
		{"health_cabin", approval.Text{ZH: "健康小屋", EN: "self-check health cabin"}, true},
		{"counselling", approval.Text{ZH: "心理咨询室", EN: "counselling room"}, false},
		{"chinese_medicine", approval.Text{ZH: "中医理疗", EN: "Chinese medicine therapy"}, false},
		{"gym", approval.Text{ZH: "健身房", EN: "gym"}, false},
		{"dance_yoga", approval.Text{ZH: "舞蹈与瑜伽室", EN: "dance and yoga room"}, false},
	}},
	{"culture", approval.Text{ZH: "文化生活", EN: "cultural life"}, []Function{
		{"reading_room", approval.Text{ZH: "图书阅览室", EN: "reading room"}, true},
		{"multi_hall", approval.Text{ZH: "多功能文体厅", EN: "multi-purpose hall"}, true},
		{"art_craft", approval.Text{ZH: "书画与手工室", EN: "art and craft room"}, false},
		{"civilisation_station", approval.Text{ZH: "新时代文明实践站", EN: "new-era civilisation practice station"}, true},
		{"e_sports_video", approval.Text{ZH: "电竞与影音室", EN: "e-sports and video room"}, false},
		{"heritage_display", approval.Text{ZH: "非遗与居民展陈", EN: "heritage and residents' display"}, false},
	}},
	{"commerce", approval.Text{ZH: "便民商业与创业", EN: "convenience trade and start-ups"}, []Function{
		{"market", approval.Text{ZH: "邻里超市与生鲜", EN: "neighbourhood shop and fresh food"}, false},
		{"housekeeping_repair", approval.Text{ZH: "家政与维修点", EN: "housekeeping and repair point"}, true},
		{"parcel_station", approval.Text{ZH: "快递驿站", EN: "parcel station"}, true},
		{"hair_laundry", approval.Text{ZH: "理发与洗衣", EN: "hairdresser and laundry"}, false},
		{"start_up_desks", approval.Text{ZH: "创业就业孵化工位", EN: "start-up and employment desks"}, false},
	}},
}

// FunctionOf finds a function by its code.
func FunctionOf(code string) (Function, bool) {
	function, known := functions[code]
	return function, known
}

var functions = func() map[string]Function {
	byCode := map[string]Function{}
	for _, aspect := range Catalogue {
		for _, function := range aspect.Functions {
			byCode[function.Code] = function
		}
	}
	return byCode
}()

// Required lists the codes of the required functions in the order of the
// catalogue.
func Required() []string {
	var codes []string
	for _, aspect := range Catalogue {
		for _, function := range aspect.Functions {
			if function.Required {
				codes = append(codes, function.Code)
			}
		}
	}
	return codes
}
