package server_test

import (
	"linli/approval"
)

// newSpace is an invented space as a community registers it.
func newSpace(scope approval.Scope, code string) map[string]any {
	return map[string]any{
		"scope": scope, "code": code, "name": "示例邻里中心", "ownership": "allocated", "holder": "示例街道办事处", "proof": "移交书〔示例〕1号", "use": "闲置",
		"rooms": []any{
			map[string]any{"code": "101", "name": "餐厅", "floor": "1", "built_area": 12000, "usable_area": 10050, "functions": []string{"meals_point"}},
			map[string]any{"code": "102", "name": "活动室", "built_area": 8000, "usable_area": 7000, "functions": []string{"elderly_activity", "reading_room"}},
		},
	}
}

func changedSpace(code string, version int) map[string]any {
	changed := newSpace("", code)
	delete(changed, "scope")
	changed["version"], changed["reason"] = version, "重新测量"
	return changed
}
