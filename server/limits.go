package server

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"linli/approval"
)

// The limits of the surface, all in one place; package approval has those the
// domain sets (size of an attachment, logins). Beyond one of them a caller is
// refused and everybody else goes on.
const (
	// Connections. Whoever only opens one, or dribbles a header, is dropped.
	headerTimeout  = 5 * time.Second
	headerBytes    = 32 << 10
	receiveTimeout = 60 * time.Second // of a request without a body
	answerTimeout  = 60 * time.Second // counted from the end of the body
	idleTimeout    = 2 * time.Minute

	// Bodies, in bytes: of a route that says nothing, and of those that do.
	usualBody     = 1 << 20
	objectionBody = 32 << 10
	callbackBody  = 16 << 10
	ruleBody      = 512 << 10
	uploadBody    = approval.MaxAttachment + 16<<10 // the form around the file
	bodyDepth     = 32                              // lists and objects in one another
	// A body must keep coming: so many bytes a second on average, after a
	// while to begin in. The largest upload has five minutes and a half.
	bodyPace  = 64 << 10
	bodyGrace = 10 * time.Second

	// Work, once the body is there.
	requestTimeout = 30 * time.Second
	seatPause      = 100 * time.Millisecond // between two looks for a seat that is about to open
	seatPatience   = 2 * time.Second        // of a resident's request
	seatOpens      = 15 * time.Minute       // a seat that has not by then never will
	recordTimeout  = 5 * time.Second        // to write down what was decided, even if the caller left

	// Uploads are looked into in memory: so many at once, so many a person.
	uploads          = 8
	uploadsPerPerson = 2

	// Rule texts are compiled and tested at a time, and workbooks read, each of
	// which is unpacked in memory.
	ruleChecks = 2
	workbooks  = 2

	// Posters kept once drawn, in bytes: everybody asks for the same few.
	keptPrints = 16 << 20

	// Lists.
	defaultLimit = 20
	maxLimit     = 100

	// Rates: requests of one person, of one subscriber nobody signed in from,
	// objections of one subscriber, and on one notice by everybody together,
	// posters drawn anew for one subscriber, refusals kept of nobody in
	// particular. What was not used adds up to the burst.
	perPerson, personBurst         = 10 * time.Millisecond, 1000
	perNetwork, networkBurst       = 20 * time.Millisecond, 500
	perSubscriber, subscriberBurst = 10 * time.Minute, 5
	perNotice, noticeBurst         = time.Minute, 60
	perPrint, printBurst           = 2 * time.Second, 30
	perRefusal, refusalBurst       = 50 * time.Millisecond, 100

	// Callers each of these rates remembers. Whoever is new when all of them are
	// using theirs is refused, so that a flood of addresses fills no memory.
	maxBuckets = 20_000
)

// Passwords compared and papers drawn at a time: each keeps a processor busy.
var comparisons, drawings = runtime.NumCPU(), runtime.NumCPU()

// HTTP serves the surface, wrapped or not, within the limits on connections.
func HTTP(surface http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: surface, ReadHeaderTimeout: headerTimeout, ReadTimeout: receiveTimeout, WriteTimeout: answerTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
