package e2e

import (
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"linli/approval"
	"linli/approval/funduse"
	"linli/bank/sandbox"
	"linli/internal/demo"
	"linli/standalone/e2e/stack"
)

// What people type into a case, and what no operator may read.
const (
	typedIdentity = "370303199001011234"
	typedPhone    = "13853312345"
	typedName     = "王小芳阿姨"
)

// TestOperatorsSeeEverythingButSecrets plays a case under the eyes of an
// operator: one trace reaches from a request to its SQL, the metrics count
// what happened, and neither they nor the log hold a secret.
func TestOperatorsSeeEverythingButSecrets(t *testing.T) {
	logs := t.TempDir()
	t.Setenv("LINLI_TEST_LOG", logs)
	traces := &collector{spans: map[string][]span{}}
	listening := httptest.NewServer(traces)
	t.Cleanup(listening.Close)
	w := open(t, stack.Options{})
	api, worker := w.observed(listening.URL)

	caseID := w.propose("zd", w.draft("zd", 120_000, "application", "budget"))
	if err := w.Bank.Behave(sandbox.Program{Queue: []sandbox.Behaviour{{Before: sandbox.Error}}}); err != nil {
		t.Fatal(err)
	}
	w.act(caseID, deed{as: "zd-m1", stage: funduse.Committee, seat: "@zd-m1", do: approval.Approve, comment: "联系" + typedName + typedPhone + "，身份证" + typedIdentity})
	w.payAfter(caseID, "zd-m2")
	w.object(caseID, typedName+"反映，电话"+typedPhone+"，身份证"+typedIdentity)
	w.careless(caseID)

	w.counted(api, worker)
	w.API.Stop(t) // the spans still held are sent on the way out
	w.Worker.Stop(t)
	traces.follow(t)
	w.nothingLeaks(logs, traces)
}

// observed starts both processes again with a collector and metrics.
func (w *world) observed(collector string) (api, worker string) {
	w.t.Helper()
	w.API.Stop(w.t)
	w.Worker.Stop(w.t)
	w.Config.TraceCollector = collector
	for _, process := range []struct {
		part    *stack.Part
		address *string
	}{{w.Worker, &worker}, {w.API, &api}} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			w.t.Fatal(err)
		}
		w.Config.MetricsListen = listener.Addr().String()
		*process.address = "http://" + w.Config.MetricsListen + "/metrics"
		if err := listener.Close(); err != nil {
			w.t.Fatal(err)
		}
		process.part.Start(w.t)
		stack.Until(w.t, "metrics are served at "+*process.address, func() (bool, string) {
			response, err := http.Get(*process.address)
			if err != nil {
				return false, err.Error()
			}
			return response.Body.Close() == nil, ""
		})
	}
	w.Ready(w.t)
	return api, worker
}

// careless people put secrets where they do not belong.
func (w *world) careless(caseID string) {
	w.t.Helper()
	for _, asked := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/v1/login", map[string]string{"username": "zd-handler", "password": typedName + typedPhone}},
		{"GET", "/v1/cases/" + typedName + "?phone=" + typedPhone, nil},
		{"GET", "/v1/public/objections/" + typedIdentity, nil},
		{"POST", "/v1/tasks/" + typedPhone + "/acts", map[string]string{"comment": typedIdentity}},
		{"POST", "/v1/fund-uses", []byte(`{"title":"` + typedName + `","payee_account":"6222021603001234567"`)},
		{"POST", "/v1/payees", map[string]string{"name": typedName, "account": "6222021603001234567"}},
	} {
		w.write("zd-handler", asked.method, asked.path, w.key(), asked.body)
	}
}

// counted reads both processes' metrics.
func (w *world) counted(api, worker string) {
	w.t.Helper()
	for address, expected := range map[string][]string{
		api: {`linli_acts_total{action="approve",outcome="accepted"}`, `linli_refusals_total{code="not_found"}`,
			`linli_http_requests_total{method="POST",route="/v1/tasks/{task}/acts",status="200"}`, `linli_worker_pollers{kind="workflow"} 1`,
			`linli_operations_pending 0`, `linli_watch_up{group="workers"} 1`, `temporal_request_total{`},
		worker: {`linli_rule_evaluation_seconds_count{`, `linli_ledger_operations_total{operation="Reserve",result="booked"} 1`,
			`linli_ledger_operations_total{operation="SettlePayment",result="booked"} 1`, `linli_payouts_total{call="pay",result="unknown"}`,
			`linli_activity_seconds_count{activity="Record",result="done"}`, `linli_tasks_open{stage="`, `linli_cases_running{stage="notice"} 1`,
			`linli_payouts_sent 0`, `linli_ledger_differences 0`, `linli_archive_waiting 0`, `temporal_num_pollers{`, `temporal_workflow_task_schedule_to_start_latency_seconds_bucket{`},
	} {
		stack.Until(w.t, address+" tells everything", func() (bool, string) { // gauges are read again after a while only
			text := w.metrics(address)
			for _, line := range expected {
				if !strings.Contains(text, "\n"+line) {
					return false, "no " + line
				}
			}
			return true, ""
		})
	}
}

func (w *world) metrics(address string) string {
	w.t.Helper()
	response, err := http.Get(address)
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || response.Body.Close() != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// span is what the test looks at of one.
type span struct{ name, service string }

// collector is where traces are sent.
type collector struct {
	mu    sync.Mutex
	spans map[string][]span // by trace
	text  strings.Builder   // everything that arrived
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var sent collectorpb.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(raw, &sent) != nil {
		http.Error(w, "not a trace", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.WriteString(sent.String())
	for _, resource := range sent.GetResourceSpans() {
		service := ""
		for _, attribute := range resource.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service = attribute.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, each := range scope.GetSpans() {
				trace := hex.EncodeToString(each.GetTraceId())
				c.spans[trace] = append(c.spans[trace], span{each.GetName(), service})
			}
		}
	}
}

// follow finds a trace that reaches from the request that cast a ballot
// through the Update to the activity and its SQL in the worker.
func (c *collector) follow(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	const route = "POST /v1/tasks/{task}/acts"
	way := []span{{route, "linli-serve"}, {"UpdateWorkflow:act", "linli-serve"}, {"HandleUpdate:act", "linli-worker"}, {"RunActivity:Record", "linli-worker"}}
	acts := [][]span{}
	for _, spans := range c.spans {
		if !slices.Contains(spans, way[0]) {
			continue
		}
		acts = append(acts, spans)
		whole := slices.ContainsFunc(spans, func(s span) bool {
			return s.service == "linli-worker" && strings.Contains(strings.ToUpper(s.name), "INSERT")
		})
		for _, step := range way {
			whole = whole && slices.Contains(spans, step)
		}
		if whole {
			return
		}
	}
	t.Errorf("no trace goes all the way %v; those of acts: %v", way, acts)
}

// nothingLeaks looks for what people typed, and for every credential there is.
func (w *world) nothingLeaks(logs string, traces *collector) {
	w.t.Helper()
	secrets := []string{typedIdentity, typedPhone, typedName, "6222021603001234567", demo.Password, w.AdminPassword, w.BankToken, "eyJ", "示例联系人"}
	for _, address := range []string{w.Config.OwnerDatabaseURL, w.Config.APIDatabaseURL, w.Config.WorkerDatabaseURL} {
		password := strings.SplitN(strings.SplitN(address, "@", 2)[0], ":", 3)[2]
		secrets = append(secrets, password)
	}
	data, err := demo.Read()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, fund := range data.Funds {
		for _, payee := range fund.Payees {
			secrets = append(secrets, payee.Account)
		}
	}
	files, err := filepath.Glob(filepath.Join(logs, "*.log"))
	if err != nil || len(files) == 0 {
		w.t.Fatalf("logs: %v %v", files, err)
	}
	var log []byte
	for _, file := range files {
		more, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		log = append(log, more...)
	}
	traces.mu.Lock()
	defer traces.mu.Unlock()
	for name, text := range map[string]string{"the log": string(log), "a trace": traces.text.String()} {
		if lines := strings.Count(text, "request"); lines < 20 {
			w.t.Errorf("%s holds only %d requests", name, lines)
		}
		for _, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				w.t.Errorf("%s holds %q: …%s…", name, secret, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
}
