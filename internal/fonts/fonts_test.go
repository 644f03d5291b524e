package fonts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shop is a folder with an apt-get that notes what it was asked for and, once
// its list of packages is fresh, delivers the font.
func shop(t *testing.T) (font, notes string) {
	t.Helper()
	folder := t.TempDir()
	font, notes = filepath.Join(folder, "chinese.ttf"), filepath.Join(folder, "notes")
	script := `#!/bin/sh
echo "$@" >> ` + notes + `
case "$*" in
*update*) touch ` + folder + `/fresh ;;
*install*) test -e ` + folder + `/fresh && touch ` + font + ` ;;
esac
`
	if err := os.WriteFile(filepath.Join(folder, "apt-get"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	return font, notes
}

func TestOnlyWhatIsMissingIsInstalled(t *testing.T) {
	font, notes := shop(t)
	packages := map[string]string{font: "fonts-chinese"}
	present := filepath.Join(filepath.Dir(font), "apt-get") // any file
	packages[present] = "fonts-present"
	for range 2 { // the second time there is nothing to do
		if err := ensure(t.Context(), present+", "+font+",/own/font.ttf", packages, true); err != nil {
			t.Fatal(err)
		}
	}
	asked, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(asked)), "\n")
	if len(lines) != 3 || !strings.Contains(lines[1], "update") || !strings.HasSuffix(lines[2], "install -y -q --no-install-recommends fonts-chinese") {
		t.Errorf("apt-get was asked %q, want install, update, install", lines)
	}
}

func TestWithoutTheRightTheAdministratorIsTold(t *testing.T) {
	font, notes := shop(t)
	err := ensure(t.Context(), font, map[string]string{font: "fonts-chinese"}, false)
	if err == nil || !strings.Contains(err.Error(), "apt-get install fonts-chinese") {
		t.Errorf("%v, want what to install", err)
	}
	if _, err := os.Stat(notes); err == nil {
		t.Error("apt-get was called without being root")
	}
}

func TestAFailedInstallationSaysWhy(t *testing.T) {
	folder := t.TempDir()
	script := "#!/bin/sh\necho no such package; exit 100\n"
	if err := os.WriteFile(filepath.Join(folder, "apt-get"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	font := filepath.Join(folder, "chinese.ttf")
	if err := ensure(t.Context(), font, map[string]string{font: "fonts-chinese"}, true); err == nil || !strings.Contains(err.Error(), "no such package") {
		t.Errorf("%v, want what apt-get said", err)
	}
}
