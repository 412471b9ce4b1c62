using System.Buffers.Binary;
using System.Globalization;
using Forge.Core.Ports;
using Google.Protobuf;

namespace Forge.Hosting.Telemetry;

/// <summary>
/// Writes TensorBoard's event files: a TFRecord (length, checksum, payload, checksum) per event, each payload a <c>tensorflow.Event</c>.
/// </summary>
/// <remarks>
/// <code>
/// Event   1 wall_time double   2 step int64   3 file_version string   5 summary Summary   7 session_log SessionLog
/// Summary 1 value, repeated: 1 tag string, 2 simple_value float        SessionLog 1 status: START = 1
/// </code>
/// TensorBoard drops events at or after the step of a session start, so a resumed run replaces the steps that it repeats.
/// </remarks>
public sealed class TensorBoardEventWriter : IMetricsSink, IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    /// <param name="folder">Gets a new file of this process; made when missing.</param>
    /// <param name="time">Stamps every event.</param>
    /// <param name="firstStep">The first step that will be written: what older files hold from it on is void.</param>
    public TensorBoardEventWriter(string folder, TimeProvider time, long firstStep)
    {
        _time = time;
        Directory.CreateDirectory(folder);
        var stamp = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{stamp:F3}.{Environment.MachineName}.{Environment.ProcessId}");
        _file = new FileStream(Path.Combine(folder, name), FileMode.Create, FileAccess.Write, FileShare.Read);
        Append(0, output =>
        {
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteString("brain.Event:2");
        });
        Append(firstStep, output => WriteMessage(output, 7, session =>
        {
            session.WriteTag(1, WireFormat.WireType.Varint);
            session.WriteEnum(1);
        }));
    }

    public void Write(long step, IReadOnlyDictionary<string, double> values)
        => Append(step, output => WriteMessage(output, 5, summary =>
        {
            foreach (var (tag, value) in values)
            {
                WriteMessage(summary, 1, entry =>
                {
                    entry.WriteTag(1, WireFormat.WireType.LengthDelimited);
                    entry.WriteString(tag);
                    entry.WriteTag(2, WireFormat.WireType.Fixed32);
                    entry.WriteFloat((float)value);
                });
            }
        }));

    public void Dispose() => _file.Dispose();

    private void Append(long step, Action<CodedOutputStream> content)
    {
        var payload = Bytes(output =>
        {
            output.WriteTag(1, WireFormat.WireType.Fixed64);
            output.WriteDouble(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteInt64(step);
            content(output);
        });
        var record = new byte[8 + 4 + payload.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc32C.Of(record.AsSpan(0, 8)));
        payload.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + payload.Length), MaskedCrc32C.Of(payload));
        lock (_lock)
        {
            _file.Write(record);
            _file.Flush();
        }
    }

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> content)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Bytes(content)));
    }

    private static byte[] Bytes(Action<CodedOutputStream> content)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            content(output);
        }

        return buffer.ToArray();
    }
}
