package approval

import "time"

// Account is how a person signs in, with the roles held now.
type Account struct {
	ID         string    `json:"id"` // the person's id
	Username   string    `json:"username"`
	Name       string    `json:"name"`
	Scope      Scope     `json:"scope"` // home: who administers this account
	Grants     []Grant   `json:"grants"`
	CreatedAt  time.Time `json:"created_at"`
	DisabledAt time.Time `json:"disabled_at,omitzero"`
	Reason     string    `json:"disabled_reason,omitempty"`
}

// NewAccount is what an administrator states to create one.
type NewAccount struct {
	ID       string  `json:"-"` // chosen by the system unless a fixture names it
	Username string  `json:"username"`
	Name     string  `json:"name"`
	Scope    Scope   `json:"scope"`
	Password string  `json:"password"`
	Grants   []Grant `json:"grants,omitempty"`
}

// AccountFilter narrows a list of accounts; empty fields do not.
type AccountFilter struct {
	Scope  Scope  // at or below
	Role   Role   // held anywhere
	Search string // in name and username
}

// Principal is a signed-in caller and how he proved it.
type Principal struct {
	Person        Person
	Name          string
	Username      string
	Scope         Scope  // home
	Authenticated string // "password" for a browser session, "token" for a program
	ExpiresAt     time.Time
}

// Session is a new browser session; Token leaves the system once, in a cookie.
type Session struct {
	Token     string
	Principal Principal
}

// Token is a program's bearer token; Secret is set only in the answer that
// creates it.
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Secret    string    `json:"secret,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

// The lifetimes of a proof of identity.
const (
	SessionIdle     = 30 * time.Minute
	SessionAbsolute = 12 * time.Hour
	TokenMaxDays    = 366
)

// Division is a node of the scope tree as people read it.
type Division struct {
	Path   Scope  `json:"path"`
	NameZH string `json:"name_zh"`
	NameEN string `json:"name_en"`
}

// MayGrant refuses grants a person has no right to hand out: only an
// administrator may, at or below the node of his own grant, and never to
// himself.
func MayGrant(by Person, to string, grants []Grant) error {
	if by.ID == to {
		return Errorf(SamePerson, "不能为自己授权。", "Nobody grants roles to himself.")
	}
	for _, grant := range grants {
		if err := grant.validate(); err != nil {
			return err
		}
		if !by.Holds(Administrator, grant.Scope) {
			return Errorf(Forbidden, "只能在本人管理范围内授权，%s 不在其中。",
				"Grants stay within your own administration; %s is outside.", grant.Scope).At("grants")
		}
	}
	return nil
}

func (g Grant) validate() error {
	if g.Scope.Level() == NoLevel {
		return Errorf(Invalid, "行政区划路径“%s”无效。", "The scope %q is not valid.", g.Scope).At("grants")
	}
	for _, known := range Roles {
		if known.Role == g.Role {
			return nil
		}
	}
	return Errorf(Invalid, "没有角色“%s”。", "There is no role %q.", g.Role).At("grants")
}
