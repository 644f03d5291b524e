package web

import (
	"strconv"

	"linli/approval"
)

// BulletinList is what operators offer in a place: services and prices, and
// what residents of 60 and 80 pay. Path and Below are as on the start page.
type BulletinList struct {
	Frame
	Filter approval.BulletinFilter
	Path   []Place
	Below  []Place
	Items  []approval.Bulletin
	Cursor string // of this page; "" on the first
	Next   string // of the next page; "" on the last
}

// BulletinPage is one operator with all its services.
type BulletinPage struct {
	Frame
	Bulletin approval.Bulletin
}

// servicesListed is how many services of one operator the list shows; the rest
// is counted and linked.
const servicesListed = 6

// Bulletins renders the list.
func (p *Pages) Bulletins(page BulletinList) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(bulletinsPage, page)
}

// Bulletin renders one operator.
func (p *Pages) Bulletin(page BulletinPage) ([]byte, error) {
	page.Frame = p.framed(page.Frame)
	return p.render(bulletinPage, page)
}

// First are the services the list shows of an operator.
func (BulletinList) First(b approval.Bulletin) Shown[approval.BulletinService] {
	if len(b.Services) <= servicesListed {
		return Shown[approval.BulletinService]{Items: b.Services}
	}
	return Shown[approval.BulletinService]{Items: b.Services[:servicesListed], More: len(b.Services) - servicesListed}
}

// At is the list narrowed to a place.
func (l BulletinList) At(scope approval.Scope) string {
	return l.link("/bulletin", map[string]string{"scope": string(scope)})
}

// FirstPage and NextPage keep the filter.
func (l BulletinList) FirstPage() string { return l.page("") }

// NextPage goes on where this page ends.
func (l BulletinList) NextPage() string { return l.page(l.Next) }

func (l BulletinList) page(cursor string) string {
	return l.link("/bulletin", map[string]string{"scope": string(l.Filter.Scope), "q": l.Filter.Search, "cursor": cursor})
}

// Price renders the price of one unit.
func (f Frame) Price(price approval.Fen, unit string) string {
	if price == 0 {
		return f.T("免费", "free")
	}
	return price.Yuan() + f.T("元/", " yuan per ") + unit
}

// Off says how a discount is called: 9折 is ten percent off.
func (f Frame) Off(percent int64) string {
	switch {
	case percent == 0:
		return f.T("无优惠", "no discount")
	case percent == 100:
		return f.T("免费", "free")
	case f.Lang == EN:
		return whole(percent) + "% off"
	case percent%10 == 0:
		return whole((100-percent)/10) + "折"
	}
	return whole((100-percent)/10) + "." + whole((100-percent)%10) + "折"
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

// Services are what the table of services is drawn from.
type Services struct {
	Frame
	Services []approval.BulletinService
}

// With puts services beside the labels their table needs.
func (f Frame) With(services []approval.BulletinService) Services { return Services{f, services} }
