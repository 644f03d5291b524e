package approval

import (
	"reflect"
	"sync"
	"time"
)

// Copied is a deep copy of a state, so that an act can be tried before it is
// committed: whatever is done to one, the other stays as it was. A state that
// holds what cannot be copied by value (a map, a function, an interface, a
// hidden reference) is a programming error.
func Copied[T any](state *T) *T {
	copied := *state
	part(reflect.ValueOf(&copied).Elem())
	return &copied
}

// part gives v its own copy of everything it shares with what it was copied
// from.
func part(v reflect.Value) {
	if !shares(v.Type()) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() { // a hidden one holds plain values; see shares
				part(field)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			part(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			own := reflect.New(v.Type().Elem())
			own.Elem().Set(v.Elem())
			part(own.Elem())
			v.Set(own)
		}
	case reflect.Slice:
		if !v.IsNil() {
			own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(own, v)
			if shares(v.Type().Elem()) {
				for i := range own.Len() {
					part(own.Index(i))
				}
			}
			v.Set(own)
		}
	}
}

// sharing remembers by type what shares has found.
var sharing sync.Map

// moment is shared by its copies and never changes.
var moment = reflect.TypeFor[time.Time]()

// shares reports whether values of a type, assigned, share anything that can be
// changed through one of them.
func shares(t reflect.Type) bool {
	if known, ok := sharing.Load(t); ok {
		return known.(bool)
	}
	found := false
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		found = true
	case reflect.Array:
		found = shares(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if field := t.Field(i); t != moment && shares(field.Type) {
				if !field.IsExported() {
					panic("approval: copying a state: " + t.String() + "." + field.Name + " is hidden")
				}
				found = true
			}
		}
	case reflect.Map, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		panic("approval: copying a state: it holds a " + t.String())
	}
	sharing.Store(t, found)
	return found
}
