package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

func (s *Server) docsRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/openapi.yaml", Operation: "contract", Allow: Public(), Handle: s.yaml, Outside: true},
	}
}

func (s *Server) yaml(ec echo.Context) error {
	return ec.Blob(http.StatusOK, "application/yaml; charset=utf-8", openapiYAML)
}
