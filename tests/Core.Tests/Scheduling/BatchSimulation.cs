using System.Text.Json;
using Forge.Core.Scheduling;

namespace Forge.Core.Tests.Scheduling;

/// <summary>A trainer that takes visible groups into an open batch of B and is busy for a while once it is full.</summary>
internal sealed class BatchSimulation
{
    private readonly WindowedFifo _fifo;
    private readonly long[] _durations;
    private readonly int _groupsPerBatch;
    private readonly long _trainTime;
    private readonly PriorityQueue<long, long> _completions = new();
    private readonly List<int> _versionAtDispatch = [];
    private int _version;

    public BatchSimulation(JsonElement trace)
    {
        _fifo = new WindowedFifo(trace.GetProperty("W").GetInt32());
        _durations = [.. trace.GetProperty("durations").EnumerateArray().Select(item => item.GetInt64())];
        _groupsPerBatch = trace.GetProperty("B").GetInt32();
        _trainTime = trace.GetProperty("train_time").GetInt64();
        for (var index = 0; index < trace.GetProperty("N").GetInt32(); index++)
        {
            Dispatch(time: 0);
        }
    }

    public List<FormedBatch> Run(int count)
    {
        var batches = new List<FormedBatch>();
        var time = 0L;
        while (batches.Count < count)
        {
            var batch = Fill(time);
            batches.Add(batch);
            time = batch.TrainEnd;
            _version++;
        }

        return batches;
    }

    private FormedBatch Fill(long opened)
    {
        var batch = new FormedBatch(opened);
        var time = opened;
        while (true)
        {
            Register(time);
            while (batch.Indices.Count < _groupsPerBatch && _fifo.TryTake(out var index))
            {
                batch.Add(index, time, _version - _versionAtDispatch[(int)index]);
                _fifo.Consume(index);
                Dispatch(time);
            }

            if (batch.Indices.Count == _groupsPerBatch)
            {
                batch.TrainStart = time;
                batch.TrainEnd = time + _trainTime;
                return batch;
            }

            _completions.TryPeek(out _, out time);
        }
    }

    private void Register(long time)
    {
        while (_completions.TryPeek(out var index, out var at) && at <= time)
        {
            _completions.Dequeue();
            _fifo.Finish(index);
        }
    }

    private void Dispatch(long time)
    {
        var index = _fifo.Dispatch();
        _versionAtDispatch.Add(_version);
        _completions.Enqueue(index, time + _durations[index]);
    }

    internal sealed class FormedBatch(long opened)
    {
        public List<long> Indices { get; } = [];

        public List<long> FetchTimes { get; } = [];

        public List<long> VersionLags { get; } = [];

        public long Opened { get; } = opened;

        public long TrainStart { get; set; }

        public long TrainEnd { get; set; }

        public void Add(long index, long time, long lag)
        {
            Indices.Add(index);
            FetchTimes.Add(time);
            VersionLags.Add(lag);
        }
    }
}
