package poster

import (
	"fmt"

	"github.com/signintech/gopdf"
	qrcode "github.com/skip2/go-qrcode"
)

// code draws a QR code of the text into a square, quiet zone included, as
// rectangles: it stays sharp at any size of print.
func (s *sheet) code(text string, x, y, side float64) {
	if s.err != nil {
		return
	}
	drawn, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		s.err = fmt.Errorf("making the QR code of %s: %w", text, err)
		return
	}
	modules := drawn.Bitmap()
	module := side / float64(len(modules))
	s.draw(func(pdf *gopdf.GoPdf) error {
		pdf.SetGrayFill(ink)
		for row, dark := range modules {
			for from := 0; from < len(dark); from++ {
				to := from
				for to < len(dark) && dark[to] {
					to++
				}
				if to > from {
					pdf.RectFromUpperLeftWithStyle(x+float64(from)*module, y+float64(row)*module, float64(to-from)*module, module, "F")
					from = to
				}
			}
		}
		return nil
	})
}
