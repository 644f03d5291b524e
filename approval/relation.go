package approval

// Relation is what ties a person to a payee or an operator. The list follows the
// recusal grounds of the government procurement regulation art. 9.
type Relation string

// The relations that keep a person from deciding.
const (
	SelfRelation Relation = "self"
	Spouse       Relation = "spouse"
	Relative     Relation = "relative"
	Employee     Relation = "employee"
	Officer      Relation = "officer"
	Shareholder  Relation = "shareholder"
	OtherTie     Relation = "other"
)

// Relations lists every relation with its display name.
var Relations = []struct {
	Relation Relation
	Name     Text
}{
	{SelfRelation, Text{ZH: "本人", EN: "the person himself"}},
	{Spouse, Text{ZH: "配偶", EN: "spouse"}},
	{Relative, Text{ZH: "近亲属", EN: "close relative"}},
	{Employee, Text{ZH: "受雇（含近三年）", EN: "employed there (or within three years)"}},
	{Officer, Text{ZH: "负责人、董事或监事", EN: "head, director or supervisor"}},
	{Shareholder, Text{ZH: "股东", EN: "shareholder"}},
	{OtherTie, Text{ZH: "其他利害关系", EN: "another interest"}},
}

// Name is the relation in words, or the bare code if it is unknown.
func (r Relation) Name() Text {
	for _, known := range Relations {
		if known.Relation == r {
			return known.Name
		}
	}
	return Text{ZH: string(r), EN: string(r)}
}

const maxRelationNote = 200

// Validate refuses an unknown relation, and an "other" one that is not
// explained.
func (r Relation) Validate(note string) error {
	if r.Name().ZH == string(r) {
		return Errorf(Invalid, "没有“%[1]s”这种关系。", "There is no relation %[1]q.", r).At("relation")
	}
	least := 0
	if r == OtherTie {
		least = 1
	}
	return Between(note, least, maxRelationNote, "note")
}
