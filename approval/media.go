package approval

import (
	"archive/zip"
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// mediaKinds is what may be uploaded: the extension and the bytes must agree.
var mediaKinds = []struct {
	Extensions []string
	MediaType  string
	Fits       func(content []byte) bool
}{
	{[]string{".pdf"}, "application/pdf", startsWith("%PDF-")},
	{[]string{".png"}, "image/png", startsWith("\x89PNG\r\n\x1a\n")},
	{[]string{".jpg", ".jpeg"}, "image/jpeg", startsWith("\xff\xd8\xff")},
	{[]string{".xlsx"}, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", officeWith("xl/workbook.xml")},
	{[]string{".docx"}, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", officeWith("word/document.xml")},
	{[]string{".txt"}, "text/plain; charset=utf-8", plainText},
}

// MediaType is the type of an attachment by its name, or a refusal when the
// type is not taken or the content is something else than the name says.
// Office files with macros, too many parts or too large once unpacked are
// refused.
func MediaType(name string, content []byte) (string, error) {
	extension := strings.ToLower(path.Ext(name))
	for _, kind := range mediaKinds {
		if !slices.Contains(kind.Extensions, extension) {
			continue
		}
		if !kind.Fits(content) {
			return "", Errorf(UnsupportedMedia, "文件内容与扩展名 %s 不符，或含有不允许的内容。",
				"The content is no proper %s file or holds something not allowed.", extension).At("file")
		}
		return kind.MediaType, nil
	}
	return "", Errorf(UnsupportedMedia, "只接受 pdf、png、jpg、xlsx、docx、txt 文件。",
		"Only pdf, png, jpg, xlsx, docx and txt files are taken.").At("file")
}

func startsWith(magic string) func([]byte) bool {
	return func(content []byte) bool { return bytes.HasPrefix(content, []byte(magic)) }
}

// The bounds of an office file's parts: what real ones stay far below and a
// decompression bomb does not.
const (
	maxParts    = 2000
	maxUnpacked = 200 << 20
)

// officeWith looks for the part that makes a zip a document of one kind.
func officeWith(part string) func([]byte) bool {
	return func(content []byte) bool {
		if !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
			return false
		}
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil || len(archive.File) > maxParts {
			return false
		}
		found, unpacked := false, uint64(0)
		for _, file := range archive.File {
			unpacked += min(file.UncompressedSize64, maxUnpacked+1)
			found = found || file.Name == part
			if strings.HasSuffix(strings.ToLower(file.Name), "vbaproject.bin") {
				return false
			}
		}
		return found && unpacked <= maxUnpacked
	}
}

// plainText is UTF-8 without control characters but tab and line ends.
func plainText(content []byte) bool {
	if len(content) == 0 || !utf8.Valid(content) {
		return false
	}
	return !bytes.ContainsFunc(content, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	})
}
