package server_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"linli/approval"
	"linli/store/storetest"
)

// form builds an upload with the file name exactly as given.
func form(t *testing.T, scope approval.Scope, name string, content []byte) (body []byte, media string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	if err := writer.WriteField("scope", string(scope)); err != nil {
		t.Fatal(err)
	}
	part, err := writer.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, name)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes(), writer.FormDataContentType()
}

func archive(t *testing.T, names ...string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	for _, name := range names {
		if _, err := writer.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// bomb declares more content than any document holds.
func bomb(t *testing.T) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	part, err := writer.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 201 {
		if _, err := part.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

const pdf = "%PDF-1.7\n%%EOF"

func TestUpload(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1, grant(approval.Handler, storetest.Community1))
	cookie := w.login("wang")
	for i, test := range []struct {
		what, name string
		content    []byte
		status     int
		stored     string
	}{
		{"a PDF", "预算.pdf", []byte(pdf), 200, "预算.pdf"},
		{"upper case", "SCAN.JPG", []byte("\xff\xd8\xff\xe0rest"), 200, "SCAN.JPG"},
		{"a rare character", "𠮷䶮.txt", []byte("居民意见\n"), 200, "𠮷䶮.txt"},
		{"a document", "a.docx", archive(t, "[Content_Types].xml", "word/document.xml"), 200, "a.docx"},
		{"a workbook", "a.xlsx", archive(t, "[Content_Types].xml", "xl/workbook.xml"), 200, "a.xlsx"},
		{"folders are cut", "../../etc/passwd.txt", []byte("x"), 200, "passwd.txt"},
		{"a Windows path", `C:\\temp\\plan.pdf`, []byte(pdf), 200, "plan.pdf"},
		{"reversed extension", "plan\u202efdp.exe", []byte(pdf), 415, ""},
		{"reversal removed", "plan\u202eexe.pdf", []byte(pdf), 200, "planexe.pdf"},
		{"a program called PDF", "a.pdf", []byte("MZ\x90"), 415, ""},
		{"a page", "a.html", []byte("<script>"), 415, ""},
		{"a drawing with script", "a.svg", []byte("<svg onload=x>"), 415, ""},
		{"two extensions", "a.pdf.exe", []byte(pdf), 415, ""},
		{"no extension", "pdf", []byte(pdf), 422, ""},
		{"only an extension", ".pdf", []byte(pdf), 422, ""},
		{"nothing in it", "a.txt", nil, 415, ""},
		{"binary text", "a.txt", []byte("a\x00b"), 415, ""},
		{"not UTF-8", "a.txt", []byte("\xb9\xab"), 415, ""},
		{"a workbook called document", "a.docx", archive(t, "xl/workbook.xml"), 415, ""},
		{"macros", "a.docx", archive(t, "word/document.xml", "word/vbaProject.bin"), 415, ""},
		{"a bomb", "a.docx", bomb(t), 415, ""},
		{"a truncated archive", "a.docx", archive(t, "word/document.xml")[:30], 415, ""},
		{"too large", "a.txt", bytes.Repeat([]byte("x"), approval.MaxAttachment+1), 413, ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			body, media := form(t, storetest.Community1, test.name, test.content)
			answer := w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: fmt.Sprintf("upload-%d", i), body: body, media: media})
			var stored approval.Attachment
			decode(t, answer, &stored)
			if answer.status != test.status || stored.Name != test.stored {
				t.Errorf("%d %q, want %d %q: %s", answer.status, stored.Name, test.status, test.stored, answer.raw)
			}
		})
	}
	t.Run("the largest", func(t *testing.T) {
		body, media := form(t, storetest.Community1, "a.txt", bytes.Repeat([]byte("x"), approval.MaxAttachment))
		w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: "upload-largest", body: body, media: media}).want(t, 200, "")
	})
	t.Run("another scope", func(t *testing.T) {
		body, media := form(t, storetest.Community2, "a.pdf", []byte(pdf))
		w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: "upload-elsewhere", body: body, media: media}).want(t, 403, approval.Forbidden)
	})
	t.Run("no key, other media", func(t *testing.T) {
		body, media := form(t, storetest.Community1, "a.pdf", []byte(pdf))
		w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, body: body, media: media}).want(t, 400, approval.KeyMissing)
		w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: "upload-json", body: "{}"}).want(t, 415, approval.UnsupportedMedia)
	})
}

func TestDownload(t *testing.T) {
	w := newWorld(t)
	w.person("wang", storetest.Community1, grant(approval.Handler, storetest.Community1))
	w.person("auditor.zd", storetest.Zhangdian, grant(approval.Auditor, storetest.Zhangdian))
	w.person("neighbour", storetest.Community2, grant(approval.Handler, storetest.Community2))
	w.person("auditor.lz", storetest.Linzi, grant(approval.Auditor, storetest.Linzi))
	body, media := form(t, storetest.Community1, "预算 2026.pdf", []byte(pdf))
	cookie := w.login("wang")
	made := w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: "upload-once", body: body, media: media})
	again := w.ask(asked{method: "POST", path: "/v1/attachments", cookie: cookie, key: "upload-once", body: body, media: media})
	if made.ID == "" || again.ID != made.ID {
		t.Fatalf("uploaded %s, again %s: want one attachment", made.raw, again.raw)
	}
	for username, status := range map[string]int{"wang": 200, "auditor.zd": 200, "neighbour": 404, "auditor.lz": 404} {
		answer := w.ask(asked{method: "GET", path: "/v1/attachments/" + made.ID, cookie: w.login(username)})
		if answer.status != status {
			t.Errorf("%s: %d, want %d", username, answer.status, status)
		}
		if status != 200 {
			continue
		}
		disposition := answer.header.Get("Content-Disposition")
		if string(answer.raw) != pdf || !strings.HasPrefix(disposition, "attachment;") || !strings.Contains(disposition, "%E9%A2%84%E7%AE%97%202026.pdf") ||
			answer.header.Get("X-Content-Type-Options") != "nosniff" || answer.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("downloaded %q as %v", answer.raw, answer.header)
		}
	}
	w.ask(asked{method: "GET", path: "/v1/attachments/" + made.ID}).want(t, 401, approval.Unauthenticated)
	if err := w.bucket.WriteAll(t.Context(), made.ID, []byte("%PDF-forged"), nil); err != nil {
		t.Fatal(err)
	}
	w.ask(asked{method: "GET", path: "/v1/attachments/" + made.ID, cookie: cookie}).want(t, 500, "internal")
}
