// Package web renders the public pages residents read without a login: the
// list of notices, one notice with everything behind it, the objection form
// and its receipt, and the error pages.
//
// It turns read models of package approval into HTML and decides nothing: who
// may read what is settled before a page is asked for. Pages are Chinese,
// English on request; they need no script, keep to 60 kB with style, and fit
// a phone. It refuses to let content become markup (html/template) and to let
// one long text crowd out the rest: what does not fit is counted and linked.
package web
