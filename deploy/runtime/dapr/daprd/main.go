// Dapr's own daprd with the components that Dapr calls stable, and one more: name resolution
// through SQLite. Dapr's releases hold it too, but the tag "stablecomponents" leaves it out, and
// what is left is multicast, which would let two stacks on one machine find each other.
package main

import (
	"github.com/dapr/components-contrib/nameresolution/sqlite"
	"github.com/dapr/dapr/cmd/daprd/app"
	nameresolution "github.com/dapr/dapr/pkg/components/nameresolution"
)

func main() {
	nameresolution.DefaultRegistry.RegisterComponent(sqlite.NewResolver, "sqlite")
	app.Run()
}
