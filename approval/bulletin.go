package approval

import "time"

// Bulletin is what residents read of an operator in their community: services,
// prices and what the fund has received. It names no person and no account.
type Bulletin struct {
	CaseID     string            `json:"case_id"`
	Scope      Scope             `json:"scope"`
	ScopeNames []string          `json:"scope_names,omitempty"` // city down to community
	Operator   string            `json:"operator"`
	Space      string            `json:"space"`
	StartsOn   string            `json:"starts_on"` // civil date
	EndsOn     string            `json:"ends_on"`
	Share      Text              `json:"share"`
	Given      Fen               `json:"given"`                // to the community's fund so far, fen
	Hours      int64             `json:"hours"`                // of service given in kind so far
	Services   []BulletinService `json:"services"`             // valid today
	ValidFrom  string            `json:"valid_from,omitempty"` // civil date, first day of the present list
	Next       *BulletinPrices   `json:"next,omitempty"`       // confirmed, and not valid yet
	Past       []BulletinPrices  `json:"past,omitempty"`       // that were valid before, the latest first
	OpenedAt   time.Time         `json:"opened_at"`
}

// BulletinPrices is a list of services and prices with its first and last day.
type BulletinPrices struct {
	From     string            `json:"from"`         // civil date
	To       string            `json:"to,omitempty"` // civil date, included; "" for a list to come
	Services []BulletinService `json:"services"`
}

// BulletinService is one service with its price, and what residents of 60 and
// of 80 pay for it, in fen; 0 is free of charge.
type BulletinService struct {
	Name    string `json:"name"`
	Kind    Text   `json:"kind"`
	Class   Text   `json:"class"`
	Unit    string `json:"unit"`
	Price   Fen    `json:"price"`
	Price60 Fen    `json:"price_60"`
	Price80 Fen    `json:"price_80"`
	Over60  int64  `json:"over60"` // whole percent off
	Over80  int64  `json:"over80"`
	Note    string `json:"note,omitempty"`
}

// BulletinFilter narrows the public list; empty fields do not.
type BulletinFilter struct {
	Scope  Scope
	Search string // in operator, space and services
}
