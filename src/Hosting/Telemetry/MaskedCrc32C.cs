using System.Numerics;

namespace Forge.Hosting.Telemetry;

/// <summary>
/// Computes the checksum of TFRecord files: CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), rotated right by 15 and offset by
/// 0xA282EAD8, so that a checksum over data that holds checksums stays sound.
/// </summary>
internal static class MaskedCrc32C
{
    private const uint MaskDelta = 0xA282EAD8;

    public static uint Of(ReadOnlySpan<byte> data)
    {
        var crc = Plain(data);
        return BitOperations.RotateRight(crc, 15) + MaskDelta;
    }

    internal static uint Plain(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
