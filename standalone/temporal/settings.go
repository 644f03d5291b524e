package temporal

import (
	"fmt"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"

	"linli/internal/port"
)

// Fixed for the life of the data: Temporal writes both into its database on
// the first start and cannot change them afterwards.
const (
	historyShards = 4 // suits one machine; a production cluster takes 512
	clusterName   = "active"
)

// Connections per service (there are four): 4 × (20 + 5) stays well below
// what the private cluster admits.
const (
	storeConnections      = 20
	visibilityConnections = 5
)

// ports are the services' gRPC ports on the loopback interface.
type ports struct{ frontend, history, matching, worker int }

func choosePorts(wanted int) (ports, error) {
	frontend, err := port.Free(wanted)
	if err != nil {
		return ports{}, err
	}
	p := ports{frontend: frontend}
	taken := map[int]bool{frontend: true}
	for _, target := range []*int{&p.history, &p.matching, &p.worker} {
		for *target == 0 || taken[*target] {
			var err error
			if *target, err = port.Free(0); err != nil {
				return ports{}, err
			}
		}
		taken[*target] = true
	}
	return p, nil
}

// hosts replaces gossip between machines: all services are here.
func (p ports) hosts() map[primitives.ServiceName]static.Hosts {
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: static.SingleLocalHost(address(p.frontend)),
		primitives.HistoryService:  static.SingleLocalHost(address(p.history)),
		primitives.MatchingService: static.SingleLocalHost(address(p.matching)),
		primitives.WorkerService:   static.SingleLocalHost(address(p.worker)),
	}
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

func serverConfig(database int, password string, p ports) *config.Config {
	return &config.Config{
		Global:      config.Global{Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: "127.0.0.1"}},
		Persistence: persistence(database, password),
		Services: map[string]config.Service{
			"frontend": service(p.frontend), "history": service(p.history),
			"matching": service(p.matching), "worker": service(p.worker),
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: address(p.frontend)},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: address(p.frontend)}, // how the system's own workers get in
		Archival: config.Archival{ // experimental there; closed histories are exported by the application
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
}

func service(port int) config.Service {
	return config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: "127.0.0.1"}}
}

func persistence(port int, password string) config.Persistence {
	history, visibility := databases[0].name, databases[1].name
	return config.Persistence{
		DefaultStore:     history,
		VisibilityStore:  visibility,
		NumHistoryShards: historyShards,
		DataStores: map[string]config.DataStore{
			history:    {SQL: pooled(store(port, password, history), storeConnections)},
			visibility: {SQL: pooled(store(port, password, visibility), visibilityConnections)},
		},
	}
}

func pooled(sql *config.SQL, connections int) *config.SQL {
	sql.MaxConns, sql.MaxIdleConns, sql.MaxConnLifetime = connections, connections, time.Hour
	return sql
}

// dynamicSettings are the server's run-time settings that differ from its own.
func dynamicSettings() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// Names are varchar(255) in PostgreSQL; the default of 1000 would let
		// a longer one fail half-way.
		dynamicconfig.MaxIDLengthLimit.Key(): 255,
		// Government networks are closed: no call to the vendor.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
		// It deletes through the frontend, where the guard stands.
		dynamicconfig.HistoryScannerEnabled.Key(): false,
		// Audit and export read many histories of one namespace in a row.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 50,
	}
}
