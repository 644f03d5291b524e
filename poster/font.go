package poster

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode"

	"github.com/signintech/gopdf"

	"linli/approval"
)

// Font is a chain of TrueType files: each character is drawn with the first
// that has it, since the free Chinese fonts lack Latin letters and digits. It
// is safe for concurrent use; the zero Font prints nothing.
type Font struct {
	faces  []*face
	shared *gopdf.FontContainer
}

// face is one file of the chain.
type face struct {
	family   string
	outlines gopdf.SubsetFontObj
}

// glyph is where a character is drawn from and how far it advances, in
// thousandths of the font size.
type glyph struct {
	face  int
	width float64
}

// OpenFont reads a comma-separated list of TrueType files with glyf outlines
// (.ttf; neither .ttc nor CFF). A file that is not there is refused with what
// to install.
func OpenFont(files string) (Font, error) {
	font := Font{shared: &gopdf.FontContainer{}}
	for file := range strings.SplitSeq(files, ",") {
		if file = strings.TrimSpace(file); file == "" {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			return Font{}, missingFont(file)
		}
		if err := font.add(raw); err != nil {
			return Font{}, fmt.Errorf("reading font %s, which must be TrueType with glyf outlines: %w", file, err)
		}
	}
	if len(font.faces) == 0 {
		return Font{}, missingFont("-")
	}
	return font, nil
}

func (f *Font) add(raw []byte) error {
	added := &face{family: fmt.Sprintf("linli%d", len(f.faces))}
	if err := added.outlines.SetTTFData(raw); err != nil {
		return err
	}
	if _, ok := added.outlines.GetTTFParser().GetTables()["glyf"]; !ok || bytes.HasPrefix(raw, []byte("OTTO")) {
		return fmt.Errorf("no glyf table")
	}
	f.faces = append(f.faces, added)
	return f.shared.AddTTFFontData(added.family, raw)
}

func missingFont(file string) *approval.Error {
	return approval.Errorf(approval.Unavailable,
		"缺少打印用的字体（%[1]s）。请安装 fonts-droid-fallback 和 fonts-dejavu-core，或用 LINLI_FONT_FILE 指定含中文的 TrueType 字体。",
		"The font for printing is missing (%[1]s). Install fonts-droid-fallback and fonts-dejavu-core, or name TrueType fonts with Chinese in LINLI_FONT_FILE.", file)
}

func missingGlyph(r rune) *approval.Error {
	return approval.Errorf(approval.Conflict,
		"字体中没有“%[1]c”（%[1]U）字，无法打印。请用 LINLI_FONT_FILE 加上含有此字的字体。",
		"No font has the character %[1]c (%[1]U), so this cannot be printed. Add a font that has it to LINLI_FONT_FILE.", r)
}

// beyond is for a character no font would help with.
func beyond(r rune) *approval.Error {
	return approval.Errorf(approval.Conflict,
		"“%[1]c”（%[1]U）字无法打印，换用其他字体也不行。请改用别的字，如通用的异体字或拼音。",
		"The character %[1]c (%[1]U) cannot be printed with any font. Use another one, such as a common variant or the pinyin.", r)
}

// lastPrintable ends Unicode's first plane: of a character after it the PDF
// writer would corrupt the text one can search and copy.
const lastPrintable = 0xFFFF

// find refuses a character that cannot be printed, that no font has or that a
// font has as a blank.
func (f Font) find(r rune) (glyph, error) {
	if r > lastPrintable {
		return glyph{}, beyond(r)
	}
	for i, candidate := range f.faces {
		if index := candidate.index(r); index != 0 {
			return glyph{face: i, width: float64(candidate.outlines.GlyphIndexToPdfWidth(index))}, nil
		}
	}
	return glyph{}, missingGlyph(r)
}

// index is 0 where the face cannot draw the character.
func (f *face) index(r rune) uint {
	index, err := f.outlines.CharCodeToGlyphIndex(r)
	if err != nil || index == 0 {
		return 0
	}
	outline := f.outlines.GetTTFParser().LocaTable
	if int(index)+1 >= len(outline) || outline[index] == outline[index+1] && !unicode.IsSpace(r) {
		return 0
	}
	return index
}
