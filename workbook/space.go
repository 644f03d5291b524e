package workbook

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"linli/approval/space"
)

const (
	spaceSheet = "阵地"
	roomSheet  = "房间"
	notesSheet = "填写说明"
	catalogue  = "功能目录"
	separator  = "、"
)

var spaceHeadings = []column{
	{"编号", true}, {"名称", true}, {"地址", false}, {"权属", true}, {"产权单位", true}, {"权属证明", false}, {"现用途", true}, {"备注", false},
	{"已勘查", false}, {"独立烟道", false}, {"安全出口数", false}, {"已停用", false}, {"版本", false},
}

var roomHeadings = []column{
	{"阵地编号", true}, {"房间编号", true}, {"名称", true}, {"楼层", false}, {"建筑面积（平方米）", true}, {"使用面积（平方米）", true}, {"功能", false},
}

// fields say which column a refusal of the domain is about.
var fields = map[string]string{
	"code": "编号", "name": "名称", "address": "地址", "ownership": "权属", "holder": "产权单位", "proof": "权属证明", "use": "现用途", "note": "备注",
	"surveyed": "已勘查", "closed": "已停用", "floor": "楼层", "built_area": "建筑面积（平方米）", "usable_area": "使用面积（平方米）", "functions": "功能",
	"category": "类别", "count": "需求人数", "priority": "优先级",
}

// WriteSpaces writes a community's inventory; without spaces it is the template.
func WriteSpaces(out io.Writer, spaces []space.Space) error {
	w := newWriter()
	w.sheet(spaceSheet, spaceHeadings)
	w.sheet(roomSheet, roomHeadings)
	line := 2
	for i, s := range spaces {
		for at, text := range []string{s.Code, s.Name, s.Address, ownershipName(s.Ownership), s.Holder, s.Proof, s.Use, s.Note, yesNo(s.Surveyed), yesNo(s.Flue)} {
			w.text(spaceSheet, at, i+2, text)
		}
		w.number(spaceSheet, 10, i+2, float64(s.FireExits))
		w.text(spaceSheet, 11, i+2, yesNo(s.Closed))
		w.number(spaceSheet, 12, i+2, float64(s.Version))
		for _, room := range s.Rooms {
			for at, text := range []string{s.Code, room.Code, room.Name, room.Floor} {
				w.text(roomSheet, at, line, text)
			}
			w.number(roomSheet, 4, line, float64(room.Built)/100)
			w.number(roomSheet, 5, line, float64(room.Usable)/100)
			w.text(roomSheet, 6, line, functionNames(room.Functions))
			line++
		}
	}
	w.spaceNotes()
	return w.finish(out, spaceSheet)
}

func (w *writer) spaceNotes() {
	w.sheet(notesSheet, nil)
	var ownerships []string
	for _, known := range space.Ownerships {
		ownerships = append(ownerships, known.Name.ZH)
	}
	for i, note := range []string{
		"1. 标题带*的列必填；标题不要改动，列的顺序可以调整。一张表最多" + strconv.Itoa(MaxRows-1) + "行。",
		"2. 编号在本社区内唯一。新增阵地的“版本”留空；修改已有阵地时保留导出时的版本，若他人已修改，须重新导出。",
		"3. 表中没有列出的阵地不受影响；停用阵地在“已停用”填“是”。",
		"4. 权属可选：" + strings.Join(ownerships, separator) + "。",
		"5. 每个阵地至少一个房间；面积为平方米，最多两位小数，使用面积不超过建筑面积。",
		"6. “功能”填“" + catalogue + "”中的名称，多个之间用“" + separator + "”隔开。" + space.Sample.ZH + "。",
		"7. 独立烟道和安全出口数须在“已勘查”为“是”时填写。不接受公式；不要填写身份证号码。",
		"8. 全部行都正确才会导入；有任何错误则一行也不导入，并逐行列明原因。",
	} {
		w.text(notesSheet, 0, i+1, note)
	}
	w.note(w.book.SetColWidth(notesSheet, "A", "A", 90))
	w.sheet(catalogue, []column{{"方面", false}, {"功能", false}, {"要求", false}})
	line := 2
	for _, aspect := range space.Catalogue {
		for _, function := range aspect.Functions {
			w.text(catalogue, 0, line, aspect.Name.ZH)
			w.text(catalogue, 1, line, function.Name.ZH)
			w.text(catalogue, 2, line, map[bool]string{true: "必备", false: "推荐"}[function.Required])
			line++
		}
	}
	w.text(catalogue, 0, line, space.Sample.ZH)
}

// ReadSpaces reads a workbook of spaces. An error refuses the file; problems
// refuse cells. progress hears how many rows of how many are read.
func ReadSpaces(content []byte, progress func(done, total int)) ([]space.Row, []space.Problem, error) {
	book, err := open(content)
	if err != nil {
		return nil, nil, err
	}
	defer book.Close()
	spaces := read(book, spaceSheet, spaceHeadings)
	rooms := read(book, roomSheet, roomHeadings)
	total, done := len(spaces.rows)+len(rooms.rows), 0
	step := func() { done++; progress(done, total) }
	progress(0, total)
	found := make([]space.Row, 0, len(spaces.rows))
	for _, r := range spaces.rows {
		found = append(found, spaceOf(r))
		step()
	}
	places := map[string][]int{} // rows of the rooms sheet, per space
	for _, r := range rooms.rows {
		code := r.text("阵地编号")
		at := slices.IndexFunc(found, func(s space.Row) bool { return s.Code == code })
		if at < 0 && code != "" {
			rooms.refuse(r.number, "阵地编号", "“阵地”表中没有编号“%[1]s”。", "The sheet of spaces has no code %[1]q.", code)
		}
		room := roomOf(r)
		if at >= 0 {
			found[at].Rooms = append(found[at].Rooms, room)
			places[code] = append(places[code], r.number)
		}
		step()
	}
	problems := slices.Concat(spaces.problems, rooms.problems)
	if len(problems) == 0 {
		problems = check(found, places)
	}
	return found, problems, nil
}

// check asks the domain about every space; a refusal of a room blames its row.
func check(found []space.Row, places map[string][]int) (problems []space.Problem) {
	for _, s := range found {
		refused := refusalOf(s.Validate())
		if refused == nil {
			continue
		}
		problem := space.Problem{Sheet: s.At.Sheet, Row: s.At.Row, Column: fields[refused.Field], Reason: refused.Message}
		if parts := strings.Split(refused.Field, "/"); len(parts) == 3 && parts[0] == "rooms" {
			number, _ := strconv.Atoi(parts[1])
			problem.Sheet, problem.Row, problem.Column = roomSheet, places[s.Code][number], fields[parts[2]]
			if parts[2] == "code" {
				problem.Column = "房间编号"
			}
		}
		problems = append(problems, problem)
	}
	return problems
}

func spaceOf(r row) space.Row {
	ownerships := make([]space.Ownership, 0, len(space.Ownerships))
	for _, known := range space.Ownerships {
		ownerships = append(ownerships, known.Ownership)
	}
	return space.Row{At: space.Place{Sheet: spaceSheet, Row: r.number}, Version: r.whole("版本"), Details: space.Details{
		Code: r.text("编号"), Name: r.text("名称"), Address: r.text("地址"), Ownership: one(r, "权属", ownerships, ownershipName), Holder: r.text("产权单位"),
		Proof: r.text("权属证明"), Use: r.text("现用途"), Note: r.text("备注"), Surveyed: r.yes("已勘查"), Flue: r.yes("独立烟道"),
		FireExits: r.whole("安全出口数"), Closed: r.yes("已停用"),
	}}
}

func roomOf(r row) space.Room {
	room := space.Room{
		Code: r.text("房间编号"), Name: r.text("名称"), Floor: r.text("楼层"), Built: r.area("建筑面积（平方米）"), Usable: r.area("使用面积（平方米）"), Functions: []string{},
	}
	for name := range strings.FieldsFuncSeq(r.text("功能"), func(c rune) bool { return strings.ContainsRune("、,，;；\n", c) }) {
		code := functionCode(strings.TrimSpace(name))
		if code == "" {
			r.table.refuse(r.number, "功能", "功能“%[1]s”不在目录中。", "The function %[1]q is not in the catalogue.", strings.TrimSpace(name))
			continue
		}
		room.Functions = append(room.Functions, code)
	}
	return room
}

func ownershipName(code space.Ownership) string {
	for _, known := range space.Ownerships {
		if known.Ownership == code {
			return known.Name.ZH
		}
	}
	return string(code)
}

func functionNames(codes []string) string {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		function, _ := space.FunctionOf(code)
		names = append(names, function.Name.ZH)
	}
	return strings.Join(names, separator)
}

func functionCode(name string) string {
	for _, aspect := range space.Catalogue {
		for _, function := range aspect.Functions {
			if function.Name.ZH == name {
				return function.Code
			}
		}
	}
	return ""
}
