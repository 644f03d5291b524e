package server

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"linli/approval"
	"linli/bank"
)

func (s *Server) bankRoutes() []Route {
	return []Route{
		{Method: "POST", Path: "/v1/bank/callbacks", Operation: "bankCalled", Allow: Public(), Handle: s.bankCalled, Limit: callbackBody},
	}
}

// bankCalled takes an authentic callback as a hint that there is news: the
// case asks the bank itself, so what the callback says is never believed and
// a doubled or late one does no harm. A case that has ended needs no hint.
func (s *Server) bankCalled(ec echo.Context) error {
	raw, _ := ec.Get(string(keyBody)).([]byte)
	receipt, err := bank.VerifyCallback(s.config.BankSecret, ec.Request(), raw)
	if err != nil {
		s.log.WarnContext(ec.Request().Context(), "bank callback refused", "error", err, "request_id", requestID(ec))
		return approval.Errorf(approval.Forbidden, "回调签名或内容无效。", "The callback's signature or content is not valid.").At(bank.SignatureHeader)
	}
	caseID, _, named := strings.Cut(receipt.Key, "/")
	if !named {
		return approval.Errorf(approval.NotFound, "没有这笔付款。", "There is no such payment.").At("key")
	}
	err = s.config.Engine.BankCalled(ec.Request().Context(), caseID, receipt.Key)
	if err != nil && approval.CodeOf(err) != approval.TaskClosed {
		return unavailable(err)
	}
	return ec.NoContent(http.StatusNoContent)
}

// unavailable asks the caller to come again where the outcome is open.
func unavailable(err error) error {
	if approval.Refusal(err) != nil {
		return err
	}
	return &putOffError{cause: err}
}

// putOffError is a refusal for now; its cause is for the log only.
type putOffError struct{ cause error }

func (e *putOffError) Error() string { return "put off: " + e.cause.Error() }

// Unwrap shows the refusal first.
func (e *putOffError) Unwrap() []error {
	return []error{approval.Errorf(approval.Unavailable, "系统繁忙，请稍后重试。", "The system is busy; retry shortly."), e.cause}
}
