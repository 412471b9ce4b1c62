using System.Data.Common;

namespace Forge.DataPool.Rows;

/// <summary>Runs queries beside a store's writer. Safe for concurrent calls.</summary>
internal interface ILedgerReader : IAsyncDisposable
{
    /// <summary>Runs a query in a transaction of its own, which sees one state of the ledger.</summary>
    /// <param name="query">Only reads; may run again when the connection is lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<T> ReadAsync<T>(Func<DbTransaction, Task<T>> query, CancellationToken cancellationToken);
}
