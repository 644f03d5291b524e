package poster_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/draw"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"linli/poster"
)

// pdf is as much of a file as these tests read: objects and their streams.
type pdf struct {
	t       *testing.T
	objects map[int]string // without the stream
	streams map[int]string // decompressed
}

var (
	opening  = regexp.MustCompile(`(?m)^(\d+) 0 obj\n`)
	length   = regexp.MustCompile(`/Length (\d+)`)
	contents = regexp.MustCompile(`/Contents\s+((?:\d+ 0 R\s*)+)`)
	fontRef  = regexp.MustCompile(`/F(\d+) (\d+) 0 R`)
	unicodes = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	mapped   = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4})>`)
	shown    = regexp.MustCompile(`/F(\d+) [\d.]+ Tf|<([0-9A-F]+)>`)
	filled   = regexp.MustCompile(`([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f`)
	number   = regexp.MustCompile(`\d+`)
)

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(t *testing.T, raw []byte) pdf {
	t.Helper()
	file := pdf{t: t, objects: map[int]string{}, streams: map[int]string{}}
	for rest := raw; ; {
		at := opening.FindSubmatchIndex(rest)
		if at == nil {
			return file
		}
		id := atoi(t, string(rest[at[2]:at[3]]))
		rest = rest[at[1]:]
		ends := bytes.Index(rest, []byte("endobj"))
		begins := bytes.Index(rest, []byte("stream\n"))
		if begins < 0 || ends < begins {
			file.objects[id] = string(rest[:ends])
			continue
		}
		file.objects[id] = string(rest[:begins])
		size := atoi(t, length.FindStringSubmatch(file.objects[id])[1])
		file.streams[id] = file.plain(file.objects[id], rest[begins+len("stream\n"):][:size])
		rest = rest[begins+len("stream\n")+size:]
	}
}

func (f pdf) plain(header string, stream []byte) string {
	f.t.Helper()
	if !strings.Contains(header, "FlateDecode") {
		return string(stream)
	}
	reader, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		f.t.Fatal(err)
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(plain)
}

// characters maps the glyphs of every font to what a reader copies.
func (f pdf) characters() map[string]map[string]string {
	fonts := map[string]map[string]string{}
	for _, object := range f.objects {
		for _, ref := range fontRef.FindAllStringSubmatch(object, -1) {
			table := map[string]string{}
			unicode := unicodes.FindStringSubmatch(f.objects[atoi(f.t, ref[2])])
			for _, pair := range mapped.FindAllStringSubmatch(f.streams[atoi(f.t, unicode[1])], -1) {
				code, err := strconv.ParseUint(pair[2], 16, 32)
				if err != nil {
					f.t.Fatal(err)
				}
				table[pair[1]] = string(rune(code))
			}
			fonts[ref[1]] = table
		}
	}
	return fonts
}

// drawn is what is drawn on each page, in the order of the pages.
func (f pdf) drawn() []string {
	var pages []string
	for id := 1; id <= len(f.objects); id++ {
		ref := contents.FindStringSubmatch(f.objects[id])
		if ref == nil {
			continue
		}
		all := ""
		for i, part := range number.FindAllString(ref[1], -1) {
			if i%2 == 0 {
				all += f.streams[atoi(f.t, part)]
			}
		}
		pages = append(pages, all)
	}
	return pages
}

// pagesOf is the text of each page as it can be copied, without spaces.
func pagesOf(t *testing.T, raw []byte) []string {
	t.Helper()
	file := read(t, raw)
	fonts := file.characters()
	var pages []string
	for _, drawn := range file.drawn() {
		text, font := "", ""
		for _, found := range shown.FindAllStringSubmatch(drawn, -1) {
			if found[1] != "" {
				font = found[1]
				continue
			}
			for i := 0; i+4 <= len(found[2]); i += 4 {
				character, ok := fonts[font][found[2][i:i+4]]
				if !ok {
					t.Fatalf("glyph %s of font %s cannot be copied", found[2][i:i+4], font)
				}
				text += character
			}
		}
		pages = append(pages, strings.ReplaceAll(text, " ", ""))
	}
	if len(pages) == 0 {
		t.Fatal("a file without pages")
	}
	return pages
}

// The code is decoded from the rectangles on the page, by another library
// than the one that made it.
func TestTheCodeLeadsToTheNotice(t *testing.T) {
	var out bytes.Buffer
	if err := poster.Notice(&out, notice(), address, font(t)); err != nil {
		t.Fatal(err)
	}
	const scale = 4
	page := image.NewGray(image.Rect(0, 0, 596*scale, 842*scale))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	squares := 0
	for _, drawn := range read(t, out.Bytes()).drawn() {
		for _, found := range filled.FindAllStringSubmatch(drawn, -1) {
			var v [4]float64
			for i := range v {
				v[i], _ = strconv.ParseFloat(found[i+1], 64)
			}
			x, y, wide, high := v[0], 842-v[1], v[2], v[3]
			square := image.Rect(int(x*scale+.5), int(y*scale+.5), int((x+wide)*scale+.5), int((y-high)*scale+.5))
			draw.Draw(page, square, image.NewUniform(color.Black), image.Point{}, draw.Src)
			squares++
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(page)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil || read.GetText() != address {
		t.Errorf("%d squares read as %v, %v; want %s", squares, read, err, address)
	}
}
