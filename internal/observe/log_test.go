package observe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	tlog "go.temporal.io/sdk/log"
)

const (
	identity = "370303199001011234"
	phone    = "13853312345"
	bankCard = "6222021603001234567"
	password = "hunter2-Qilu"
	envelope = "eyJhbGciOiJFZERTQSJ9.eyJpZCI6IjEifQ.c2ln"
	name     = "a name nobody may read" // under a secret field only: a name has no shape
)

var secrets = []string{identity, phone, bankCard, password, envelope, name}

type payee struct {
	Title   string `json:"title"`
	Account string `json:"account"`
	Note    string `json:"note"`
	Serial  int64  `json:"serial"`
}

type lazy struct{}

func (lazy) LogValue() slog.Value {
	return slog.GroupValue(slog.String("password", password), slog.String("note", phone))
}

type shown struct{}

func (shown) String() string { return "card " + bankCard }

// A line holds none of the secrets however they are handed over.
func TestNoSecretReachesTheLog(t *testing.T) {
	ways := map[string]func(*slog.Logger){
		"message": func(l *slog.Logger) { l.Info("calling " + phone + " with " + envelope) },
		"field":   func(l *slog.Logger) { l.Info("m", "password", name, "Contact", name, "api_key", name) },
		"shape": func(l *slog.Logger) {
			l.Info("m", "subject", identity, "n", 13853312345, "u", uint64(6222021603001234567), "f", 13853312345.0)
		},
		"error": func(l *slog.Logger) {
			l.Error("m", "error", fmt.Errorf("paying %s: %w", bankCard, errors.New("password="+password)))
		},
		"struct": func(l *slog.Logger) {
			l.Info("m", "payee", payee{Title: "shop " + phone, Account: name, Note: envelope, Serial: 13853312345})
		},
		"pointer": func(l *slog.Logger) {
			l.Info("m", "payee", &payee{Account: name}, "list", []payee{{Account: name, Note: identity}})
		},
		"map": func(l *slog.Logger) {
			l.Info("m", "header", map[string][]string{"Authorization": {name}, "X": {"Bearer " + password}})
		},
		"bytes":    func(l *slog.Logger) { l.Info("m", "raw", []byte(password+name)) },
		"stringer": func(l *slog.Logger) { l.Info("m", "shown", shown{}) },
		"lazy":     func(l *slog.Logger) { l.Info("m", "lazy", lazy{}) },
		"unmarshalled": func(l *slog.Logger) {
			l.Info("m", "odd", struct {
				F func() string
				P string
			}{P: phone})
		},
		"with":   func(l *slog.Logger) { l.With("token", name, "about", phone).Info("m") },
		"group":  func(l *slog.Logger) { l.WithGroup("form").Info("m", "anything", name) },
		"nested": func(l *slog.Logger) { l.Info("m", slog.Group("a", slog.Group("credentials", "x", name), "y", phone)) },
		"key":    func(l *slog.Logger) { l.Info("m", phone, "v") },
		"sdk": func(l *slog.Logger) {
			tlog.NewStructuredLogger(l).Error("Activity error "+bankCard, "Error", errors.New("to "+identity), "Input", name)
		},
		"sdk with": func(l *slog.Logger) {
			tlog.With(tlog.NewStructuredLogger(l), "Args", name, "Attempt", 1).Warn("retrying " + phone)
		},
		"standard": func(l *slog.Logger) {
			slog.NewLogLogger(l.Handler(), slog.LevelWarn).Printf("http: bad cookie linli_session=%s from %s", password, phone)
		},
		"duration": func(l *slog.Logger) { l.Info("m", "took", time.Hour, "at", time.Now(), "about", phone) },
	}
	for way, write := range ways {
		var out bytes.Buffer
		write(NewLog(&out, slog.LevelDebug))
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["time"] == nil || line["level"] == nil {
			t.Errorf("%s: not one line of JSON: %q", way, out.String())
		}
		for _, secret := range secrets {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s shows %q: %s", way, secret, out.String())
			}
		}
	}
}

// What is not secret is written as it is, with its type.
func TestTheRestReachesTheLog(t *testing.T) {
	var out bytes.Buffer
	NewLog(&out, slog.LevelInfo).Info("request", "status", 200, "person", "p_01988c5e-3c1a-7e5f-8123-456789012345", "ratio", 0.5,
		"payee", payee{Title: "shop", Serial: 7}, slog.Group("timing", "ms", int64(12)))
	var line struct {
		Msg    string
		Status int
		Person string
		Ratio  float64
		Payee  payee
		Timing struct{ Ms int }
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Msg != "request" || line.Status != 200 || len(line.Person) != 38 || line.Ratio != 0.5 || line.Payee.Title != "shop" || line.Payee.Serial != 7 || line.Timing.Ms != 12 {
		t.Errorf("the line lost something: %s", out.String())
	}
	out.Reset()
	NewLog(&out, slog.LevelWarn).Info("quiet")
	if out.Len() > 0 {
		t.Error("the level is not heard")
	}
}
