package space

import "linli/approval"

// NeedCategory is one of the five categories of needs.
type NeedCategory struct {
	Code  string        `json:"code"`
	Name  approval.Text `json:"name"`
	Items []NeedItem    `json:"items"`
}

// NeedItem is something residents may want.
type NeedItem struct {
	Code string        `json:"code"`
	Name approval.Text `json:"name"`
}

// NeedCategories is the sample catalogue of needs, labelled as Catalogue is; a
// community may list items of its own beside it.
var NeedCategories = []NeedCategory{
	{"care", approval.Text{ZH: "养老托幼", EN: "elderly and child care"}, []NeedItem{
		{"elderly_canteen", approval.Text{ZH: "老年食堂", EN: "canteen for the elderly"}},
		{"meal_delivery", approval.Text{ZH: "上门送餐", EN: "meal delivery"}},
		{"day_care", approval.Text{ZH: "日间照料", EN: "day care"}},
		{"assisted_bath", approval.Text{ZH: "助浴", EN: "assisted bathing"}},
		{"medical_escort", approval.Text{ZH: "陪诊", EN: "escort to the doctor"}},
		{"home_adaptation", approval.Text{ZH: "家庭适老化改造", EN: "home adaptation"}},
		{"infant_care", approval.Text{ZH: "0至3岁托育", EN: "infant care"}},
		{"drop_in_care", approval.Text{ZH: "临时托管", EN: "drop-in childcare"}},
		{"holiday_care", approval.Text{ZH: "寒暑假托管", EN: "holiday childcare"}},
		{"homework_club", approval.Text{ZH: "课后辅导（非学科）", EN: "after-school club, no school subjects"}},
	}},
	{"environment", approval.Text{ZH: "人居环境", EN: "living environment"}, []NeedItem{
		{"corridor_lights", approval.Text{ZH: "楼道照明", EN: "corridor lights"}},
		{"road_repair", approval.Text{ZH: "路面修补", EN: "road repair"}},
		{"bicycle_shed", approval.Text{ZH: "电动车棚与充电", EN: "e-bike shed and charging"}},
		{"manhole_repair", approval.Text{ZH: "井盖维修", EN: "manhole repair"}},
		{"greening", approval.Text{ZH: "绿化补种", EN: "greening"}},
		{"ramp", approval.Text{ZH: "无障碍坡道", EN: "ramp"}},
		{"clothes_rack", approval.Text{ZH: "晾衣架", EN: "clothes racks"}},
		{"waste_sorting", approval.Text{ZH: "垃圾分类点", EN: "waste sorting point"}},
		{"benches", approval.Text{ZH: "休息座椅", EN: "benches"}},
		{"drains", approval.Text{ZH: "下水疏通", EN: "drain clearing"}},
	}},
	{"food_leisure", approval.Text{ZH: "餐饮娱乐", EN: "food and leisure"}, []NeedItem{
		{"breakfast", approval.Text{ZH: "早餐点", EN: "breakfast stall"}},
		{"night_market", approval.Text{ZH: "夜市摊位", EN: "night-market stalls"}},
		{"cafe", approval.Text{ZH: "社区咖啡", EN: "community cafe"}},
		{"book_bar", approval.Text{ZH: "书吧", EN: "book bar"}},
		{"chess_room", approval.Text{ZH: "棋牌室（无赌）", EN: "chess and cards, no gambling"}},
		{"film", approval.Text{ZH: "电影放映", EN: "film showings"}},
		{"choir_dance", approval.Text{ZH: "合唱与舞蹈", EN: "choir and dance"}},
		{"family_events", approval.Text{ZH: "亲子活动", EN: "family events"}},
	}},
	{"health", approval.Text{ZH: "医疗康养", EN: "health and recovery"}, []NeedItem{
		{"check_ups", approval.Text{ZH: "血压血糖测量", EN: "blood pressure and sugar checks"}},
		{"chinese_therapy", approval.Text{ZH: "中医理疗", EN: "Chinese therapy"}},
		{"chronic_medicine", approval.Text{ZH: "慢病取药", EN: "medicine for chronic illness"}},
		{"family_doctor", approval.Text{ZH: "家庭医生签约", EN: "family doctor"}},
		{"counselling", approval.Text{ZH: "心理疏导", EN: "counselling"}},
		{"rehabilitation", approval.Text{ZH: "康复训练", EN: "rehabilitation"}},
	}},
	{"employment", approval.Text{ZH: "就业创业", EN: "work and start-ups"}, []NeedItem{
		{"odd_jobs", approval.Text{ZH: "零工信息", EN: "odd jobs"}},
		{"training", approval.Text{ZH: "技能培训", EN: "skills training"}},
		{"live_desk", approval.Text{ZH: "直播工位", EN: "live-streaming desk"}},
		{"craft_workshop", approval.Text{ZH: "手工坊", EN: "craft workshop"}},
		{"small_premises", approval.Text{ZH: "小微场地", EN: "small premises"}},
		{"job_coaching", approval.Text{ZH: "求职简历辅导", EN: "job coaching"}},
	}},
}

func needCategory(code string) (NeedCategory, bool) {
	for _, category := range NeedCategories {
		if category.Code == code {
			return category, true
		}
	}
	return NeedCategory{}, false
}

func (c NeedCategory) has(item string) bool {
	for _, known := range c.Items {
		if known.Code == item {
			return true
		}
	}
	return false
}
