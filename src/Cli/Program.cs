using Forge.Cli;

return await ForgeCommandLine.RunAsync(args);
